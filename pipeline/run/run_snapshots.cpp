#include "pipeline/run/run_snapshots.h"

#include <cmath>
#include <ctime>
#include <utility>

#include "pipeline/config/config_text.h"
#include "pipeline/run/run_nodes.h"

namespace charrnn {

RunSnapshots::RunSnapshots(const Config& config, const StartingPoint& start,
                           PublishedSnapshot& published)
    : config_(config),
      start_(start),
      published_(published),
      vocabulary_(std::make_shared<Vocabulary>(start.corpus->vocabulary())) {}

void RunSnapshots::publish(const Progress& at, std::shared_ptr<const Weights> weights) {
  const double loss = validation_loss_;
  published_.store(std::make_shared<Snapshot>(
      Snapshot{.step = at.step,
               .network = start_.network,
               .weights = std::move(weights),
               .vocabulary = vocabulary_,
               .train_loss = at.train_loss,
               .validation_loss = std::isnan(loss) ? std::nullopt : std::optional(loss),
               .epoch = at.epoch,
               .characters = at.characters,
               .created = std::time(nullptr)}));
}

Checkpoint RunSnapshots::checkpoint(TrainState state, const Progress& at) const {
  return {.state = std::move(state),
          .progress = at,
          .seed = config_.train.seed,
          .dropout = static_cast<float>(config_.model.dropout),
          .schedule = train_step_options(config_, start_).schedule.kind,
          .corpus_fingerprint = start_.fingerprint,
          .config = to_ini(config_, config_.run.directory / "checkpoints" / "000000000"),
          .vocabulary = *vocabulary_,
          .pending_validation = std::nullopt,
          .changes = start_.changes};
}

}  // namespace charrnn
