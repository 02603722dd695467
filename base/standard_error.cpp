#include "base/standard_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>

namespace charrnn {
namespace {

constexpr int kLongestWait = 1000;  // milliseconds, for a reader that is slow
constexpr int kUsualColumns = 80;

constexpr std::string_view kWarning = "warning: ";

std::mutex lines;
LogOptions log_options;
std::size_t renewed_columns = 0;  // of the renewed line that is there; 0: there is none

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

// Goes to the beginning of the renewed line, which takes several rows when the terminal has become
// narrower, and clears it.
std::string cleared() {
  if (renewed_columns == 0) return "";
  const std::size_t rows =
      (renewed_columns - 1) / static_cast<std::size_t>(std::max(1, terminal_columns()));
  return rows == 0 ? "\r\x1b[K" : "\r\x1b[" + std::to_string(rows) + "A\x1b[J";
}

// One write for the whole, so that lines of several processes do not mix.
void show(std::string_view line) {
  const std::lock_guard lock(lines);
  if (!takes_text(kLongestWait)) return;
  write_all(cleared() + std::string(line) + '\n');
  renewed_columns = 0;
}

void show_renewed(std::string_view line, std::size_t columns) {
  const std::lock_guard lock(lines);
  if (!takes_text(0)) return;
  const std::string begin = renewed_columns == 0 ? "\r\x1b[K" : cleared();
  write_all(begin + std::string(line));
  renewed_columns = std::max<std::size_t>(columns, 1);
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

boost::json::object head(std::string_view level) {
  return {{"time", now()}, {"level", view(level)}};
}

void show_message(std::string_view level, std::string_view line) {
  if (log_options.format == LogFormat::kText) return show(line);
  if (line.starts_with(kWarning)) line.remove_prefix(kWarning.size());
  boost::json::object object = head(level);
  object["message"] = view(line);
  show(boost::json::serialize(object));
}

void show_event(std::string_view line, std::string_view event, const boost::json::object& figures) {
  if (log_options.format == LogFormat::kText) return show(line);
  boost::json::object object = head("info");
  object["event"] = view(event);
  for (const auto& figure : figures) object[figure.key()] = figure.value();
  show(boost::json::serialize(object));
}

// Without memory for a text it is lost: the work matters more.
template <class Show>
void try_to(const Show& show) noexcept {
  try {
    show();
  } catch (...) {
  }
}

}  // namespace

void open_missing_descriptors() noexcept {
  for (const int wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(wanted, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is the one that is missing.
    if (::open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

void log_as(const LogOptions& options) noexcept { log_options = options; }

void tell(std::string_view line) noexcept {
  const bool warning = line.starts_with(kWarning);
  if (log_options.quiet && !warning) return;
  try_to([&] { show_message(warning ? "warning" : "info", line); });
}

void tell_error(std::string_view line) noexcept {
  try_to([&] { show_message("error", line); });
}

void tell_record(std::string_view line) noexcept {
  try_to([&] { line.starts_with('{') ? show(line) : show_message("info", line); });
}

void tell_event(std::string_view line, std::string_view event,
                const boost::json::object& figures) noexcept {
  if (log_options.quiet) return;
  try_to([&] { show_event(line, event, figures); });
}

void renew(std::string_view line, std::size_t columns) noexcept {
  try_to([&] { show_renewed(line, columns); });
}

bool renews_lines() {
  if (log_options.quiet || log_options.format != LogFormat::kText) return false;
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

int terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

}  // namespace charrnn
