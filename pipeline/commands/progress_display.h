#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/published.h"
#include "nodes/messages.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Shows a training to a person on standard error: on a terminal one line that is renewed and has
/// as many figures as the terminal is wide at that moment, elsewhere one line every ten seconds;
/// and a short sample of generated text every so often. Callable from any thread.
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

  /// Called with each sample's step and text on the thread of validation(). Set before the first.
  std::function<void(std::uint64_t, const std::string&)> on_sample;

 private:
  using Clock = std::chrono::steady_clock;
  std::vector<std::string> status() const;
  std::string whole_status() const;
  std::string time_left() const;
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
  Clock::time_point shown_{};
  Clock::time_point sampled_ = Clock::now();
};

}  // namespace charrnn
