#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "nodes/metrics_log.h"
#include "nodes/stages.h"

namespace charrnn {

/// When records are due.
struct RecorderOptions {
  std::uint64_t validation_every = 0;  ///< steps between validations; 0: only at the end
  std::uint64_t checkpoint_every = 0;  ///< steps between checkpoints; 0: only at the end
  std::uint64_t metrics_every = 1;     ///< a training record each so many steps
};

/// The step behind whose training record the validation record of `step` stands, however long that
/// validation took: the last step before the next validation, or the next checkpoint if that comes
/// first, since a checkpoint is published only after every validation up to its step is recorded.
std::uint64_t record_place(std::uint64_t step, const RecorderOptions& options);

/// The one point where the order of a run is settled: writes metrics.jsonl, holds back what must
/// not be written before a validation has ended, and lets checkpoints go once their metrics are
/// written. One call at a time.
class Recorder : public RunRecord {
 public:
  /// `log` is borrowed. `on_step` and `on_validation` (may be empty) see every report when it
  /// comes, before it is written.
  Recorder(MetricsLog& log, const RecorderOptions& options,
           std::function<void(const StepReport&)> on_step = {},
           std::function<void(const ValidationResult&)> on_validation = {});

  /// Takes a validation over from a checkpoint whose record is not due yet.
  void expect(const ValidationResult& result);

  /// Asks for a validation that no step asked for: that of the run's end.
  void ask(const ValidationRequest& request);

  Checkpoints step(const StepDone& done) override;
  Checkpoints validated(const ValidationResult& result) override;

  /// The loss of the weights after this step, if they are the last ones that were validated.
  std::optional<double> loss_after(std::uint64_t step) const;

  /// A validation without a result so far, or with one whose record is not due.
  struct Pending {
    ValidationRequest request;
    std::optional<ValidationResult> result;
  };

  /// Ends the recording: writes the training records that were held back and, when `finished`, the
  /// validation record too. Returns what a checkpoint has to carry over. Checkpoints still held
  /// back are dropped: the caller saves a newer one.
  std::optional<Pending> end(bool finished);

 private:
  struct Item {
    std::optional<StepReport> report;
    std::optional<std::uint64_t> validation;  // the step whose validation record is due here
    std::shared_ptr<Checkpoint> checkpoint;
  };
  Checkpoints flush();
  std::deque<Pending>::iterator find(std::uint64_t step);
  void write(const StepReport& report);

  MetricsLog& log_;
  RecorderOptions options_;
  std::function<void(const StepReport&)> on_step_;
  std::function<void(const ValidationResult&)> on_validation_;
  std::deque<Item> items_;
  std::optional<ValidationResult> last_;  // that came
  std::deque<Pending> open_;  // validations that were asked for and are not written, by step
};

}  // namespace charrnn
