#include <fmt/format.h>

#include <filesystem>

#include "pipeline/commands/commands.h"
#include "pipeline/commands/followed_run.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/newest_model.h"
#include "serve/server.h"

namespace charrnn {

ExitCode serve_command(const Config& config, StopSignal& stop) {
  const auto model = std::make_shared<const Snapshot>(newest_model(config));
  PublishedSnapshot published;
  published.store(model);
  ServeOptions options = config.serve;
  options.threads = serving_threads(config);
  const auto metrics = config.run.directory / "metrics.jsonl";
  if (std::filesystem::exists(metrics)) options.metrics_file = metrics;
  const auto checkpoints = config.run.directory / "checkpoints";
  options.checkpoints = checkpoints_to_choose(checkpoints);
  Server server(options, config.generate, published);
  fmt::print(stderr, "serving step {} on {} port {}; Ctrl-C ends it\n", model->step,
             config.serve.address, server.port());
  const FollowedRun followed(checkpoints, model->step, published,
                             [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  stop.wait();
  server.stop();
  return ExitCode::kDone;
}

}  // namespace charrnn
