#include "pipeline/written_text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "corpus/error.h"

namespace charrnn {
namespace {

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ExitCode::kIo,
                std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

}  // namespace

void write_text(const Snapshot& snapshot, const GenerateOptions& options,
                const std::atomic<bool>& stop) {
  bool prompted = false;
  generate(snapshot, options, [&](std::string_view text) {
    // The prompt comes first, but only once it is known to be valid.
    if (!prompted) write_out(options.prompt);
    prompted = true;
    write_out(text);
    return !stop;
  });
  if (!prompted) write_out(options.prompt);
  write_out("\n");
}

}  // namespace charrnn
