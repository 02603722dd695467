#include "pipeline/commands/written_text.h"

#include <string_view>

#include "pipeline/commands/standard_output.h"
#include "pipeline/run/backend_choice.h"
#include "serve/server.h"

namespace charrnn {
void write_text(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop) {
  bool prompted = false;
  const auto write = [&](std::string_view text) {
    // The prompt comes first, but only once it is known to be valid.
    if (!prompted) write_out(config.generate.prompt);
    prompted = true;
    write_out(text);
    return !stop;
  };
  generate(snapshot, config.generate, write,
           {.threads = serving_threads(config), .weights = config.serve.weights});
  if (!prompted) write_out(config.generate.prompt);
  write_out("\n");
}

}  // namespace charrnn
