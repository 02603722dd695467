#pragma once

#include <string>
#include <string_view>

namespace charrnn {

/// Opens descriptors 0 to 2 that the process was started without, on /dev/null and in the wrong
/// direction: files that are opened later cannot get their numbers, and whoever needs one of them
/// is refused as before. To be called first thing in main().
void open_missing_descriptors() noexcept;

/// Writes a line for the user to standard error, above the renewed one, and ends it. Any thread.
/// Never throws and never waits for long: what cannot be written (closed, full, a broken pipe, a
/// reader that has stopped reading) is lost.
void tell(std::string_view line) noexcept;

/// Shows a line in place of the one that was shown like this before, on a terminal; without waiting
/// at all. Any thread.
void renew(std::string_view line) noexcept;

/// True when standard error is a terminal that can renew a line.
bool renews_lines();

/// Columns of that terminal as it is now; 80 when it does not tell.
int terminal_columns();

}  // namespace charrnn
