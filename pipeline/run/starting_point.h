#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "model/checkpoint/checkpoint.h"
#include "nodes/lanes.h"
#include "nodes/train_step.h"
#include "pipeline/config/config.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/partners.h"
#include "pipeline/run/validation_text.h"

namespace charrnn {

/// All that is settled before the first step of a run, new or resumed.
struct StartingPoint {
  BackendChoice choice;
  std::shared_ptr<const Corpus> corpus;
  ValidationText validation;
  std::string fingerprint;  ///< of both texts
  NetworkShape network;
  Lanes lanes;                               ///< of the training text
  Lanes validation_lanes;                    ///< no windows when there is too little text
  std::uint64_t end_batch = 0;               ///< batches that end the run, over all epochs
  bool resumed = false;                      ///< an earlier run was found to go on from
  TrainState state;                          ///< what the first step works on
  Progress progress;                         ///< where the run stands
  std::optional<PendingValidation> pending;  ///< that the earlier run had not finished
  std::vector<std::string> changes;          ///< of the settings so far, for each checkpoint
  std::shared_ptr<Partners> partners;        ///< of a run on several machines; null: on one
  std::vector<std::string> warnings;         ///< a line each
  std::vector<std::string> notes;            ///< what the user should know, a line each

  /// True when the run is scored on text that it does not learn from.
  bool validates() const {
    return choice.backend != BackendKind::kHash && validation_lanes.windows() > 0;
  }
};

/// How the training text is cut into batches. Throws Error(kInput) when it is too short for one,
/// naming the largest batch and length that fit.
Lanes training_lanes(const Corpus& corpus, const Config& config);

/// Finds where a run stands: opens the corpus and the newest checkpoint in `store`, writes nothing
/// into the run directory. Throws Error: kConfig without the GPU that was asked for, kInput when
/// the corpus is missing, too small, changed or read in another order, kCheckpoint when the
/// checkpoint or `train.initial_weights` is of another network or alphabet, or the run was trained
/// in another way.
StartingPoint find_starting_point(const Config& config, const CheckpointStore& store,
                                  const std::atomic<bool>* stop);

}  // namespace charrnn
