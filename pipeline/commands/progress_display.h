#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "model/published.h"
#include "nodes/messages.h"
#include "pipeline/commands/progress_line.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Shows a training run on standard error: on a terminal one line that is renewed, with a bar, the
/// losses so far and as many figures as the terminal is wide at that moment; elsewhere a line every
/// five seconds; and a short sample of generated text every so often. Callable from any thread.
class ProgressDisplay {
 public:
  /// `last_step`: steps of the whole run, 0 or huge when only time limits it. `published` is
  /// borrowed: samples are written with its newest weights.
  ProgressDisplay(const Config& config, std::uint64_t last_step,
                  const PublishedSnapshot& published);

  /// Ends the renewed line.
  ~ProgressDisplay();

  void step(const StepReport& report);
  void validation(const ValidationResult& result);

  /// Shows the line anew after the terminal has changed its width.
  void resized();

  /// Called with each sample's step and text on the thread of validation(). Set before the first.
  std::function<void(std::uint64_t, const std::string&)> on_sample;

 private:
  using Clock = std::chrono::steady_clock;
  ProgressFigures figures() const;
  std::optional<double> seconds_left() const;
  std::optional<double> share() const;
  void show_line();
  void tell_figures() const;
  void show(Clock::time_point now);
  void sample();

  const Config& config_;
  std::uint64_t last_step_;
  const PublishedSnapshot& published_;
  bool terminal_;
  std::mutex mutex_;
  StepReport report_;
  std::optional<Progress> first_;  // where this process began, for its mean speed
  std::optional<double> validation_loss_;
  LossHistory losses_;
  Clock::time_point shown_{};
  Clock::time_point sampled_ = Clock::now();
};

}  // namespace charrnn
