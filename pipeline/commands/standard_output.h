#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace charrnn {

/// Writes to standard output, at once. Throws Error(kIo) when that fails, Stopped when whoever read
/// it has gone (`... | head`).
void write_out(std::string_view text);

/// Text that is made piece by piece. A terminal gets each piece at once; a pipe or a file gets
/// what a tenth of a second or 4 KiB have brought together, so that a character is no system call.
class PacedOutput {
 public:
  PacedOutput();

  /// Throws as write_out().
  void add(std::string_view piece);

  /// Writes what is left; nobody else does. Throws as write_out().
  void flush();

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  std::string text_;
  Clock::time_point written_ = Clock::now();
};

}  // namespace charrnn
