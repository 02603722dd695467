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
constexpr std::chrono::seconds kLogPause{10};
constexpr std::chrono::seconds kSamplePause{20};

// As many parts as fit into `columns`, from the left; the first one is cut rather than left out.
std::string fitted(const std::vector<std::string>& parts, std::size_t columns) {
  std::string line;
  for (const auto& part : parts) {
    if (!line.empty() && line.size() + 2 + part.size() > columns) break;
    line += (line.empty() ? "" : "  ") + part;
  }
  return line.substr(0, columns);
}

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
  if (first_) tell(whole_status());
}

void ProgressDisplay::step(const StepReport& report) {
  const std::lock_guard lock(mutex_);
  if (!first_) first_ = report.progress;
  report_ = report;
  show(Clock::now());
}

void ProgressDisplay::validation(const ValidationResult& result) {
  const std::lock_guard lock(mutex_);
  validation_loss_ = result.loss;
  if (Clock::now() - sampled_ >= kSamplePause) sample();
}

std::vector<std::string> ProgressDisplay::status() const {
  const Progress& now = report_.progress;
  const double spent = now.seconds - first_->seconds;
  const double speed = spent > 0 ? static_cast<double>(now.characters - first_->characters) / spent
                                 : report_.characters_per_second;
  return {fmt::format("step {}", now.step),
          fmt::format("loss {:.4f}", now.train_loss.value()),
          fmt::format("validation {}",
                      validation_loss_ ? fmt::format("{:.4f}", *validation_loss_) : "-"),
          fmt::format("{} left", time_left()),
          fmt::format("{:.0f} chars/s", speed),
          fmt::format("epoch {}", now.epoch)};
}

std::string ProgressDisplay::time_left() const {
  double left = std::numeric_limits<double>::infinity();
  if (config_.train.max_seconds > 0) left = config_.train.max_seconds - report_.progress.seconds;
  if (last_step_ < std::numeric_limits<std::uint64_t>::max() && report_.progress.step > 0) {
    const auto steps =
        static_cast<double>(last_step_ - std::min(last_step_, report_.progress.step));
    left = std::min(left, steps * seconds_a_step(*first_, report_.progress));
  }
  return left == std::numeric_limits<double>::infinity() ? "no limit" : duration_text(left);
}

void ProgressDisplay::show(Clock::time_point now) {
  if (now - shown_ < (terminal_ ? std::chrono::nanoseconds(kTerminalPause)
                                : std::chrono::nanoseconds(kLogPause))) {
    return;
  }
  shown_ = now;
  if (terminal_) {
    // A line that fills the last column may scroll.
    renew(fitted(status(), static_cast<std::size_t>(std::max(2, terminal_columns())) - 1));
  } else {
    tell(whole_status());
  }
}

std::string ProgressDisplay::whole_status() const {
  return fmt::format("{}", fmt::join(status(), "  "));
}

void ProgressDisplay::sample() {
  const auto snapshot = published_.load();
  if (!snapshot) return;
  std::string text;
  GenerateOptions options;
  options.length = 160;
  options.temperature = 0.8;
  options.seed = snapshot->step;
  generate(*snapshot, options, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  tell(fmt::format("--- sample after step {} ---\n{}\n---", snapshot->step, text));
  if (on_sample) on_sample(snapshot->step, text);
  sampled_ = Clock::now();
}

}  // namespace charrnn
