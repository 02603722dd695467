#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "nodes/messages.h"
#include "pipeline/graph/stage_times.h"
#include "pipeline/run/training.h"

namespace charrnn {

/// What a training run does now, for whoever asks the server's `/run/status`. Callable from any
/// thread.
class RunStatus {
 public:
  /// What it learns from: the page compares a known corpus with its published losses.
  void corpus(std::uint64_t characters, int alphabet_size);

  /// What ends the run: its last step, and so many seconds of training when that is not 0.
  void ends_at(std::uint64_t last_step, double max_seconds);

  void step(const StepReport& report);
  void validation(const ValidationResult& result);

  /// A text that was written with the weights of `step`.
  void sample(std::uint64_t step, const std::string& text);

  /// The training is over.
  void ended(TrainingEnd end);

  /// One JSON object: `stage` (training | finished | stopped), `characters` and
  /// `alphabet_size` of the corpus; `last_step` and `max_seconds` as far as they limit the run;
  /// `step`, `epoch`, `seconds` of training, `chars_per_second`, `train_loss` and `validation_loss`
  /// in nats, as far as they are known; `stripes` and `batches` inside of the graph; and `nodes`,
  /// an array in flow order of `name`, `calls`, `busy_seconds`, `waiting_seconds`, `busy` (share of
  /// the last second or so, 0 to 1) and `queue`, `queue_mean` and `queue_max` (messages that wait
  /// for it); and `samples`, oldest first, of `step` and `text`: at most 48, spread over the time
  /// since this process began.
  std::string json(const StageTimes& times);

 private:
  using Clock = std::chrono::steady_clock;
  struct Sample {
    std::size_t number;  // since this process began
    std::uint64_t step;
    std::string text;
  };
  void measure(const StageTimes& times);

  std::mutex mutex_;
  std::string stage_ = "training";
  std::uint64_t characters_ = 0;
  int alphabet_size_ = 0;
  std::optional<std::uint64_t> last_step_;
  std::optional<double> max_seconds_;
  std::optional<StepReport> report_;
  std::optional<double> validation_loss_;
  std::vector<Sample> samples_;
  std::size_t sample_stride_ = 1;  // of the numbers of those that are kept
  Clock::time_point measured_ = Clock::now();
  std::array<std::int64_t, kStageNames.size()> busy_nanoseconds_{};  // when last measured
  std::array<double, kStageNames.size()> busy_{};                    // shares of the time before it
};

}  // namespace charrnn
