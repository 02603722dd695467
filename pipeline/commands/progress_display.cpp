#include "pipeline/commands/progress_display.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "base/readable_number.h"
#include "serve/server.h"

namespace charrnn {
namespace {

constexpr std::chrono::milliseconds kTerminalPause{200};
constexpr std::chrono::seconds kLogPause{10};
constexpr std::chrono::seconds kSamplePause{20};

bool is_terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

// What earlier processes of the run took says nothing about this one, once it has taken a step.
double seconds_a_step(const Progress& first, const Progress& now) {
  if (now.step == first.step) return now.seconds / static_cast<double>(now.step);
  return (now.seconds - first.seconds) / static_cast<double>(now.step - first.step);
}

}  // namespace

ProgressDisplay::ProgressDisplay(const Config& config, std::uint64_t end_batch,
                                 const PublishedSnapshot& published)
    : config_(config), end_batch_(end_batch), published_(published), terminal_(is_terminal()) {}

ProgressDisplay::~ProgressDisplay() {
  const std::lock_guard lock(mutex_);
  if (first_) print_line(status_line());
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

void ProgressDisplay::message(const std::string& line) {
  const std::lock_guard lock(mutex_);
  print_line(line);
}

std::string ProgressDisplay::status_line() const {
  const Progress& now = report_.progress;
  const double spent = now.seconds - first_->seconds;
  const double speed = spent > 0 ? static_cast<double>(now.characters - first_->characters) / spent
                                 : report_.characters_per_second;
  return fmt::format(
      "step {}  epoch {}  {:.0f} chars/s  train loss {:.4f}  validation loss {}  {} left", now.step,
      now.epoch, speed, now.train_loss.value(),
      validation_loss_ ? fmt::format("{:.4f}", *validation_loss_) : "-", time_left());
}

std::string ProgressDisplay::time_left() const {
  double left = std::numeric_limits<double>::infinity();
  if (config_.train.max_seconds > 0) left = config_.train.max_seconds - report_.progress.seconds;
  if (end_batch_ < std::numeric_limits<std::uint64_t>::max() && report_.progress.step > 0) {
    const auto steps =
        static_cast<double>(end_batch_ - std::min(end_batch_, report_.progress.step));
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
  if (!terminal_) {
    print_line(status_line());
    return;
  }
  std::fputs(fmt::format("\r\x1b[K{}", status_line()).c_str(), stderr);
  std::fflush(stderr);
  line_open_ = true;
}

void ProgressDisplay::print_line(const std::string& line) {
  std::fputs(fmt::format("{}{}\n", line_open_ ? "\r\x1b[K" : "", line).c_str(), stderr);
  std::fflush(stderr);
  line_open_ = false;
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
  print_line(fmt::format("--- sample after step {} ---\n{}\n---", snapshot->step, text));
  if (on_sample) on_sample(snapshot->step, text);
  sampled_ = Clock::now();
}

}  // namespace charrnn
