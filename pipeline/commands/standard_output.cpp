#include "pipeline/commands/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return;
  }
  if (errno == EPIPE) throw Stopped("stopped: nobody reads standard output any more");
  throw Error(ErrorKind::kIo,
              std::string("cannot write to standard output: ") + std::strerror(errno));
}

PacedOutput::PacedOutput() : terminal_(::isatty(STDOUT_FILENO) != 0) {}

void PacedOutput::add(std::string_view piece) {
  text_ += piece;
  if (terminal_ || text_.size() >= kMostBytes || Clock::now() - written_ >= kPause) flush();
}

void PacedOutput::flush() {
  if (text_.empty()) return;
  write_out(text_);
  text_.clear();
  written_ = Clock::now();
}

}  // namespace charrnn
