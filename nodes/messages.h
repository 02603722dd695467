#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corpus/symbol.h"
#include "model/backend.h"
#include "model/batch.h"
#include "model/checkpoint/checkpoint.h"

namespace charrnn {

/// Which windows a stripe covers. Sequence numbers of stripes count from 0 in each run of the
/// graph.
struct StripeSpan {
  std::uint64_t sequence = 0;      ///< of the stripe, in this run of the graph
  std::uint64_t first_batch = 0;   ///< index of its first batch, since the run's beginning
  std::uint64_t epoch = 1;         ///< from 1; a stripe never reaches into the next epoch
  std::uint64_t first_window = 0;  ///< in the epoch
  int windows = 0;                 ///< k, the number of batches it becomes
  int rows = 0;                    ///< B
  int length = 0;                  ///< T
  int first_row = 0;               ///< see Batch
  int all_rows = 0;                ///< likewise
};

/// The bytes of one stretch of a row: a few characters in front of it, which show where documents
/// begin, its characters, and the target of the last one.
struct TextPiece {
  std::uint64_t first = 0;     ///< the corpus's number of its first character
  std::size_t before = 0;      ///< characters in front of it
  std::size_t characters = 0;  ///< of the stretch
  std::size_t end = 0;         ///< of the bytes of all these in the stripe's
  bool target_apart = false;   ///< the target stands behind `end`; else it is the last before it
  std::size_t target_end = 0;  ///< of the target's bytes
  bool resets = false;         ///< the row's state is zeroed before the first character
};

/// reader -> encoder: the text of the next k windows of all rows, as bytes.
struct TextStripe {
  StripeSpan span;
  std::string bytes;              ///< of all pieces, one after the other
  std::vector<TextPiece> pieces;  ///< row after row; those of a row hold its k*T characters
};

/// A target that is not the next input: its character is the last of its stretch.
struct Seam {
  std::size_t element = 0;  ///< of [B, k*T]
  Symbol target = 0;
};

/// encoder -> batcher: the same as symbols.
struct SymbolStripe {
  StripeSpan span;
  std::vector<Symbol> symbols;      ///< [B, k*T + 1]; the last of a row is its last target
  std::vector<Seam> seams;          ///< ascending
  std::vector<std::size_t> resets;  ///< elements of [B, k*T] with a zeroed state before
};

/// train_step -> recorder: one line of metrics.jsonl.
struct StepReport {
  Progress progress;  ///< behind this step
  double characters_per_second = 0.0;
  double gradient_norm = 0.0;
};

/// train_step -> validator: frozen weights to be scored.
struct ValidationRequest {
  std::uint64_t step = 0;
  std::shared_ptr<const Weights> weights;
};

/// validator -> recorder.
struct ValidationResult {
  std::uint64_t step = 0;
  double loss = 0.0;             ///< nats, mean of the batches' losses
  std::uint64_t characters = 0;  ///< scored
  double seconds = 0.0;
};

/// checkpointer -> whoever is told: what became of a write.
struct CheckpointOutcome {
  std::uint64_t step = 0;
  bool written = false;
  std::string error;                  ///< why it was not written
  std::vector<std::string> warnings;  ///< of what is not as it should be though it was written
  double seconds = 0.0;
};

/// train_step -> everything behind it: what became of one batch.
struct StepDone {
  bool trained = false;  ///< false: passed through after a stop
  StepReport report;
  std::optional<ValidationRequest> validation;  ///< asked for after this step
  /// To be published once its metrics are written; it is told its validation loss before.
  std::shared_ptr<Checkpoint> checkpoint;
};

}  // namespace charrnn
