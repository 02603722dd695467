#pragma once

#include <atomic>
#include <stdexcept>
#include <string>

namespace charrnn {

/// The exit codes of `charrnn_pipeline`; documented in README.md and relied on by callers.
enum class ExitCode {
  kDone = 0,          ///< finished, or stopped gracefully
  kUsage = 2,         ///< wrong command line; unknown character in a prompt
  kConfig = 3,        ///< invalid configuration, or a device that was asked for is missing
  kDiverged = 4,      ///< a loss, a score or a weight is no longer a number
  kInput = 5,         ///< the corpus is missing, unreadable, invalid, changed or too small
  kIo = 6,            ///< a file or directory of the run cannot be written; the disk is full
  kCheckpoint = 7,    ///< no usable checkpoint, or one of another architecture or vocabulary
  kLocked = 8,        ///< another process uses the run directory
  kBind = 9,          ///< the server's address or its TLS files cannot be used
  kMemory = 10,       ///< out of memory, or no further thread can be started
  kInternal = 70,     ///< a defect of this program
  kInterrupted = 130  ///< a later signal ended the program at once
};

/// What ends a command. The message says what happened, where, and what to do next; it is shown to
/// the user as it is.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  /// The exit code that the process ends with when nobody handles this error.
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// What ends a command that was asked to stop before it had a result: nothing is wrong, so it is no
/// Error. The message says what was left.
class Stopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Stopped when `stop` (which may be null) is set. `doing`: what is left.
inline void check_stop(const std::atomic<bool>* stop, const char* doing) {
  if (stop != nullptr && *stop) throw Stopped(std::string("stopped while ") + doing);
}

}  // namespace charrnn
