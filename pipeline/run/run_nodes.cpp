#include "pipeline/run/run_nodes.h"

#include <utility>

namespace charrnn {

Pace validation_pace(const Config& config, const StartingPoint& start) {
  return {.every_steps = config.validation.every_steps,
          .every_epochs = config.validation.every_epochs,
          .windows = start.lanes.windows()};
}

TrainStepOptions train_step_options(const Config& config, const StartingPoint& start) {
  return {.seed = config.train.seed,
          .dropout = static_cast<float>(config.model.dropout),
          .schedule = config.train.schedule,
          .clip = static_cast<float>(config.train.clip),
          .end_batch = start.end_batch,
          .max_seconds = config.train.max_seconds,
          .validation = validation_pace(config, start),
          .checkpoint = {.every_steps = config.checkpoint.every_steps,
                         .every_epochs = config.checkpoint.every_epochs,
                         .windows = start.lanes.windows()},
          .validates = start.validates(),
          .agreement = start.partners.get()};
}

RunNodes::RunNodes(const Config& config, const StartingPoint& start, const TrainState& state,
                   RunDirectory& directory, RunSnapshots& snapshots, Ending& ending,
                   const std::atomic<bool>& stop, const TrainingView& view)
    : recorder(directory.log(), config.metrics.every_steps, view.step,
               [&snapshots, tell = view.validation](const ValidationResult& result) {
                 snapshots.validated(result.loss);
                 if (tell) tell(result);
               }),
      checkpointer(directory.store(), config.checkpoint.keep, config.checkpoint.keep_best,
                   view.checkpoint) {
  compute.run([&] { backend = make_backend(start.choice, state, start.partners); });
  snapshots.publish(start.progress, std::make_shared<Weights>(model_weights(state)));
  std::function<void()> on_batch;
  if (start.partners) on_batch = [&others = *start.partners] { others.cluster().busy(); };
  validator.emplace(*start.validation.corpus, start.validation_lanes, *backend, &stop, on_batch);
  make_step(config, start, snapshots, ending);
}

RunNodes::~RunNodes() {
  compute.run([this] {
    step.reset();
    validator.reset();
    backend.reset();
  });
}

void RunNodes::make_step(const Config& config, const StartingPoint& start, RunSnapshots& snapshots,
                         Ending& ending) {
  step.emplace(
      *backend, train_step_options(config, start), start.progress, ending,
      [&snapshots, partners = start.partners](TrainState saved, const Progress& at) {
        if (partners) partners->gather_rows(saved);
        return std::make_shared<Checkpoint>(snapshots.checkpoint(std::move(saved), at));
      },
      [&snapshots](const Progress& at, std::shared_ptr<const Weights> weights) {
        snapshots.publish(at, std::move(weights));
      });
}

}  // namespace charrnn
