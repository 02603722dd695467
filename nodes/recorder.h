#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "nodes/metrics_log.h"
#include "nodes/stages.h"

namespace charrnn {

/// The one point where the order of a run is settled: writes each record to metrics.jsonl when it
/// is known, and lets a checkpoint go once the records of every step and validation up to it are
/// written. Readers go by the `step` of a record, not by its place. One call at a time.
class Recorder : public RunRecord {
 public:
  /// `log` is borrowed. `metrics_every`: a training record each so many steps. `on_step` and
  /// `on_validation` (may be empty) see every report when it comes, before it is written.
  Recorder(MetricsLog& log, std::uint64_t metrics_every,
           std::function<void(const StepReport&)> on_step = {},
           std::function<void(const ValidationResult&)> on_validation = {});

  Checkpoints step(const StepDone& done) override;

  /// Also of a validation that no step asked for: that of the run's end, or one that an earlier run
  /// left.
  Checkpoints validated(const ValidationResult& result) override;

  /// The loss of the weights after this step, if they are the last ones that were validated.
  std::optional<double> loss_after(std::uint64_t step) const;

  /// Ends the recording. Returns the validation that was cut off, which a checkpoint has to carry
  /// over. Checkpoints still held back are dropped: the caller saves a newer one.
  std::optional<ValidationRequest> end();

 private:
  Checkpoints release();

  MetricsLog& log_;
  std::uint64_t metrics_every_;
  std::function<void(const StepReport&)> on_step_;
  std::function<void(const ValidationResult&)> on_validation_;
  std::optional<ValidationResult> last_;          // that came
  std::deque<ValidationRequest> open_;            // without a result so far, by step
  std::deque<std::shared_ptr<Checkpoint>> held_;  // behind one of those, by step
};

}  // namespace charrnn
