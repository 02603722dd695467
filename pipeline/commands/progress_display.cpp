#include "pipeline/commands/progress_display.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/readable_number.h"
#include "base/standard_error.h"
#include "serve/server.h"

namespace charrnn {
namespace {

constexpr std::chrono::milliseconds kTerminalPause{200};
constexpr std::chrono::seconds kLogPause{5};
constexpr std::chrono::seconds kSamplePause{20};

// What earlier processes of the run took says nothing about this one, once it has taken a step.
double seconds_a_step(const Progress& first, const Progress& now) {
  if (now.step == first.step) return now.seconds / static_cast<double>(now.step);
  return (now.seconds - first.seconds) / static_cast<double>(now.step - first.step);
}

}  // namespace

ProgressDisplay::ProgressDisplay(const Config& config, std::uint64_t last_step,
                                 const PublishedSnapshot& published)
    : config_(config), last_step_(last_step), published_(published), terminal_(renews_lines()) {}

ProgressDisplay::~ProgressDisplay() {
  const std::lock_guard lock(mutex_);
  if (first_) tell_figures();
}

void ProgressDisplay::step(const StepReport& report) {
  const std::lock_guard lock(mutex_);
  if (!first_) first_ = report.progress;
  report_ = report;
  losses_.add(report.progress.train_loss.value());
  show(Clock::now());
}

void ProgressDisplay::validation(const ValidationResult& result) {
  const std::lock_guard lock(mutex_);
  validation_loss_ = result.loss;
  if (Clock::now() - sampled_ >= kSamplePause) sample();
}

void ProgressDisplay::resized() {
  const std::lock_guard lock(mutex_);
  if (terminal_ && first_) show_line();
}

ProgressFigures ProgressDisplay::figures() const {
  const Progress& now = report_.progress;
  const double spent = now.seconds - first_->seconds;
  return {.step = now.step,
          .epoch = now.epoch,
          .loss = now.train_loss.value(),
          .validation = validation_loss_,
          .characters_per_second =
              spent > 0 ? static_cast<double>(now.characters - first_->characters) / spent
                        : report_.characters_per_second,
          .seconds_left = seconds_left(),
          .share = share()};
}

std::optional<double> ProgressDisplay::seconds_left() const {
  double left = std::numeric_limits<double>::infinity();
  if (config_.train.max_seconds > 0) left = config_.train.max_seconds - report_.progress.seconds;
  if (last_step_ < std::numeric_limits<std::uint64_t>::max() && report_.progress.step > 0) {
    const auto steps =
        static_cast<double>(last_step_ - std::min(last_step_, report_.progress.step));
    left = std::min(left, steps * seconds_a_step(*first_, report_.progress));
  }
  if (left == std::numeric_limits<double>::infinity()) return std::nullopt;
  return std::max(0.0, left);
}

// What is done of the time that the run takes in all.
std::optional<double> ProgressDisplay::share() const {
  const auto left = seconds_left();
  if (!left) return std::nullopt;
  const double all = report_.progress.seconds + *left;
  return all > 0 ? std::min(1.0, report_.progress.seconds / all) : 0.0;
}

void ProgressDisplay::show(Clock::time_point now) {
  if (now - shown_ < (terminal_ ? std::chrono::nanoseconds(kTerminalPause)
                                : std::chrono::nanoseconds(kLogPause))) {
    return;
  }
  shown_ = now;
  terminal_ ? show_line() : tell_figures();
}

void ProgressDisplay::show_line() {
  const ShownLine line = progress_line(figures(), losses_, terminal_look());
  renew(line.text, line.columns);
}

void ProgressDisplay::tell_figures() const {
  const ProgressFigures now = figures();
  tell_event(progress_text(now), "progress", progress_fields(now));
}

void ProgressDisplay::sample() {
  const auto snapshot = published_.load();
  if (!snapshot) return;
  std::string text;
  GenerateOptions options;
  options.length = 160;
  options.sampling.temperature = 0.8;
  options.seed = snapshot->step;
  generate(*snapshot, options, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  tell_event(fmt::format("--- sample after step {} ---\n{}\n---", snapshot->step, text), "sample",
             {{"step", snapshot->step}, {"text", text}});
  if (on_sample) on_sample(snapshot->step, text);
  sampled_ = Clock::now();
}

}  // namespace charrnn
