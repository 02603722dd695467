#include "base/standard_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <string>

namespace charrnn {
namespace {

constexpr int kLongestWait = 1000;  // milliseconds, for a reader that is slow
constexpr int kUsualColumns = 80;

std::mutex lines;
bool renewed_line_is_open = false;

// A terminal that was stopped with Ctrl-S, or a pipe that nobody empties, would hold a write for
// good.
bool takes_text(int milliseconds) {
  pollfd descriptor{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&descriptor, 1, milliseconds) > 0;
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// One write for the whole, so that lines of several processes do not mix.
void show(std::string_view line, bool renews) {
  const std::lock_guard lock(lines);
  if (!takes_text(renews ? 0 : kLongestWait)) return;
  std::string text = renews || renewed_line_is_open ? "\r\x1b[K" : "";
  text += line;
  if (!renews) text += '\n';
  write_all(text);
  renewed_line_is_open = renews;
}

}  // namespace

void open_missing_descriptors() noexcept {
  for (const int wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(wanted, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is the one that is missing.
    if (::open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

void tell(std::string_view line) noexcept {
  try {
    show(line, false);
  } catch (...) {  // no memory for the text: the work matters more
  }
}

void renew(std::string_view line) noexcept {
  try {
    show(line, true);
  } catch (...) {
  }
}

bool renews_lines() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

int terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

}  // namespace charrnn
