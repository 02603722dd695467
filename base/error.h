#pragma once

#include <atomic>
#include <stdexcept>
#include <string>

namespace charrnn {

/// What kind of mistake or trouble ends a command. Callers of the program see it as an exit code
/// (pipeline/commands/exit_code.h).
enum class ErrorKind {
  kUsage,       ///< wrong command line; unknown character in a prompt
  kConfig,      ///< invalid configuration, or a device that was asked for is missing
  kDiverged,    ///< a loss, a score or a weight is no longer a number
  kInput,       ///< the corpus is missing, unreadable, invalid, changed or too small
  kIo,          ///< a file or directory of the run cannot be written; the disk is full
  kCheckpoint,  ///< no usable checkpoint, or one of another architecture or vocabulary
  kLocked,      ///< another process uses the run directory
  kBind,        ///< the server's address or its TLS files cannot be used
  kMemory,      ///< out of memory, or no further thread can be started
  kInternal     ///< a defect of this program
};

/// What ends a command. The message says what happened, where, and what to do next; it is shown to
/// the user as it is.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
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
