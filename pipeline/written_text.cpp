#include "pipeline/written_text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "corpus/error.h"
#include "pipeline/backend_choice.h"

namespace charrnn {
namespace {

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ExitCode::kIo,
                std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

}  // namespace

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
