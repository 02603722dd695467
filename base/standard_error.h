#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/named_enum.h"

namespace charrnn {

/// What the lines on standard error are written for.
enum class LogFormat {
  kText,  ///< for people
  kJson,  ///< for programs that collect logs: an object a line
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<LogFormat>{"text", "json"};

/// What the program tells on standard error.
struct LogOptions {
  /// How lines are written. Set `json` where a program reads them: each line is an object with
  /// `time`, `level` (info, warning or error), and either `message`, or `event` and its figures.
  LogFormat format = LogFormat::kText;

  /// Only warnings and errors are told: no progress and no samples. A log of requests that
  /// `serve.log` asks for is still written.
  bool quiet = false;
};

/// How lines are written from now on. Before the first call they are text, and all are told.
void log_as(const LogOptions& options) noexcept;

/// Opens descriptors 0 to 2 that the process was started without, on /dev/null and in the wrong
/// direction: files that are opened later cannot get their numbers, and whoever needs one of them
/// is refused as before. To be called first thing in main().
void open_missing_descriptors() noexcept;

/// Writes a line for the user to standard error, above the renewed one, and ends it. One that
/// begins with `warning: ` is a warning. Any thread. Never throws and never waits for long: what
/// cannot be written (closed, full, a broken pipe, a reader that has stopped reading) is lost.
void tell(std::string_view line) noexcept;

/// The same for what ends the program.
void tell_error(std::string_view line) noexcept;

/// The same for a line that was asked for, however quiet the program is to be. One that is a JSON
/// object is written as it is.
void tell_record(std::string_view line) noexcept;

/// The same for something that happened: `line` for people, or `event` with its figures.
void tell_event(std::string_view line, std::string_view event,
                const boost::json::object& figures) noexcept;

/// Shows a line in place of the one that was shown like this before, on a terminal; without waiting
/// at all. `columns`: how many it takes there. Any thread.
void renew(std::string_view line, std::size_t columns) noexcept;

/// True when standard error is a terminal that can renew a line, and log_as() lets it be.
bool renews_lines();

/// Columns of that terminal as it is now; 80 when it does not tell.
int terminal_columns();

}  // namespace charrnn
