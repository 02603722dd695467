#include "pipeline/run/newest_model.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/error.h"

namespace charrnn {

Model newest_model(const Config& config) {
  std::vector<std::string> warnings;
  const CheckpointStore store(config.run.directory / "checkpoints");
  auto model = store.newest_model(&warnings);
  for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (model) return std::move(*model);
  throw Error(
      ExitCode::kCheckpoint,
      fmt::format("there is no checkpoint in {}. Train first, with the same --config, or name "
                  "another run.directory",
                  config.run.directory.string()));
}

std::shared_ptr<const Snapshot> snapshot_of(const Model& model) {
  return std::make_shared<Snapshot>(
      Snapshot{.step = model.step,
               .network = model.network,
               .weights = model.weights,
               .vocabulary = std::make_shared<Vocabulary>(model.vocabulary),
               .train_loss = model.train_loss,
               .validation_loss = std::nullopt});
}

}  // namespace charrnn
