#include <fmt/format.h>

#include "pipeline/commands.h"
#include "pipeline/newest_model.h"
#include "serve/server.h"

namespace charrnn {

ExitCode serve_command(const Config& config, StopSignal& stop) {
  const Model model = newest_model(config);
  PublishedSnapshot published;
  published.store(snapshot_of(model));
  Server server(config.serve, config.generate, published);
  fmt::print(stderr, "serving step {} on {} port {}; Ctrl-C ends it\n", model.step,
             config.serve.address, server.port());
  stop.wait();
  server.stop();
  return ExitCode::kDone;
}

}  // namespace charrnn
