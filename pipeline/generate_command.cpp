#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pipeline/commands.h"
#include "pipeline/newest_model.h"
#include "serve/server.h"

namespace charrnn {
namespace {

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ExitCode::kIo,
                std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

}  // namespace

ExitCode generate_command(const Config& config, StopSignal& stop) {
  const auto snapshot = snapshot_of(newest_model(config));
  bool prompted = false;
  generate(*snapshot, config.generate, [&](std::string_view text) {
    // The prompt comes first, but only once it is known to be valid.
    if (!prompted) write_out(config.generate.prompt);
    prompted = true;
    write_out(text);
    return !stop.requested();
  });
  if (!prompted) write_out(config.generate.prompt);
  write_out("\n");
  return ExitCode::kDone;
}

}  // namespace charrnn
