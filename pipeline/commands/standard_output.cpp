#include "pipeline/commands/standard_output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/error.h"

namespace charrnn {

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return;
  }
  if (errno == EPIPE) throw Stopped("stopped: nobody reads standard output any more");
  throw Error(ExitCode::kIo,
              std::string("cannot write to standard output: ") + std::strerror(errno));
}

}  // namespace charrnn
