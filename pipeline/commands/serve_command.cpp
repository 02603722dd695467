#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "base/service_manager.h"
#include "base/standard_error.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/followed_run.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/corpus_names.h"
#include "pipeline/run/run_model.h"
#include "serve/server.h"

namespace charrnn {
namespace {

// A chosen step stays what it is.
std::optional<Follow> what_to_follow(const std::string& checkpoint) {
  if (checkpoint == "newest") return Follow::kNewest;
  if (checkpoint == "best") return Follow::kBest;
  return std::nullopt;
}

}  // namespace

void serve_command(const Config& config, StopSignal& stop) {
  const auto model = std::make_shared<const Snapshot>(run_model(config));
  PublishedSnapshot published;
  published.store(model);
  ServeOptions options = config.serve;
  options.threads = serving_threads(config);
  const auto metrics = config.run.directory / "metrics.jsonl";
  std::error_code ignored;
  if (std::filesystem::exists(metrics, ignored)) options.metrics_file = metrics;
  const auto checkpoints = config.run.directory / "checkpoints";
  options.checkpoints = checkpoints_to_choose(checkpoints);
  options.corpus = corpus_names_of_run(config.run.directory);
  Server server(options, config.generate, published);
  stop.on_hangup([&] { server.reload(); });
  tell(fmt::format("serving step {} on {} port {}; Ctrl-C ends it", model->step,
                   config.serve.address, server.port()));
  notify_service_manager(fmt::format("READY=1\nSTATUS=serving step {} on {} port {}", model->step,
                                     config.serve.address, server.port()));
  std::optional<FollowedRun> followed;
  if (const auto follows = what_to_follow(config.run.checkpoint)) {
    followed.emplace(checkpoints, *follows, published, [](const std::string& line) { tell(line); });
  }
  stop.wait();
  notify_service_manager("STOPPING=1");
  stop.on_hangup({});
  server.stop();
}

}  // namespace charrnn
