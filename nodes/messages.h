#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corpus/symbol.h"
#include "model/backend.h"
#include "model/batch.h"
#include "model/checkpoint.h"

namespace charrnn {

/// Which windows a stripe covers. Sequence numbers of stripes count from 0 in each run of the
/// graph.
struct StripeSpan {
  std::uint64_t sequence = 0;     ///< of the stripe, in this run of the graph
  std::uint64_t first_batch = 0;  ///< sequence number of its first batch, since the run's beginning
  std::uint64_t epoch = 0;        ///< from 0; a stripe never reaches into the next epoch
  std::uint64_t first_window = 0;  ///< in the epoch
  int windows = 0;                 ///< k, the number of batches it becomes
  int rows = 0;                    ///< B
  int length = 0;                  ///< T
};

/// reader -> encoder: the text of the next k windows of all rows, as bytes.
struct TextStripe {
  StripeSpan span;
  std::string bytes;  ///< all pieces, one after the other
  std::vector<std::size_t>
      ends;  ///< [2 B]: for each row the end of its k*T characters and that of its last target
};

/// encoder -> batcher: the same as symbols.
struct SymbolStripe {
  StripeSpan span;
  std::vector<Symbol> symbols;  ///< [B, k*T + 1]; the last of a row is its last target
};

/// train_step -> recorder: one line of metrics.jsonl.
struct StepReport {
  std::uint64_t step = 0;        ///< from 1
  std::uint64_t epoch = 0;       ///< from 1
  std::uint64_t characters = 0;  ///< cumulative
  double seconds = 0.0;          ///< of training so far
  double train_loss = 0.0;       ///< nats
  double characters_per_second = 0.0;
  double learning_rate = 0.0;
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

/// train_step -> everything behind it: what became of one batch.
struct StepDone {
  bool trained = false;  ///< false: passed through after a stop
  StepReport report;
  std::optional<ValidationRequest> validation;   ///< asked for after this step
  std::shared_ptr<const Checkpoint> checkpoint;  ///< to be published once its metrics are written
};

}  // namespace charrnn
