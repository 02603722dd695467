#include "model/checkpoint/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "base/durable_files.h"
#include "base/error.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

// " (process 123)", or nothing when the holder has not told its number.
std::string holder(int descriptor) {
  char text[16];
  const ssize_t size = ::pread(descriptor, text, sizeof text, 0);
  long process = 0;
  if (size <= 0 || std::from_chars(text, text + size, process).ec != std::errc{}) return "";
  return " (process " + std::to_string(process) + ")";
}

[[noreturn]] void fail_locked(const Path& directory, int descriptor) {
  const std::string who = holder(descriptor);
  ::close(descriptor);
  throw Error(ErrorKind::kLocked, directory.string() + " is in use by another run" + who +
                                      ": stop that one, or choose another run.directory");
}

int try_lock(int descriptor, int kind) {
  int locked = -1;
  do {
    locked = ::flock(descriptor, kind | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  return locked == 0 ? 0 : errno;
}

int open_lock_file(const Path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  require_done(descriptor < 0 ? -errno : 0, "open", file);
  return descriptor;
}

// Only for the other process' message, so a failure to tell it does no harm.
void tell_process(int descriptor) {
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const ssize_t told = ::pwrite(descriptor, process.data(), process.size(), 0);
  }
}

}  // namespace

RunLock::RunLock(const Path& directory) {
  make_directories(system_file_ops(), directory);
  const Path file = directory / ".lock";
  const int descriptor = open_lock_file(file);
  const int reason = try_lock(descriptor, LOCK_EX);
  if (reason != 0) {
    if (reason == EWOULDBLOCK) fail_locked(directory, descriptor);
    ::close(descriptor);
    require_done(-reason, "lock", file);
  }
  tell_process(descriptor);
  descriptor_ = descriptor;
}

void RunLock::require_free(const Path& directory) {
  const int descriptor = ::open((directory / ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  if (try_lock(descriptor, LOCK_SH) == EWOULDBLOCK) fail_locked(directory, descriptor);
  ::close(descriptor);
}

RunLock::~RunLock() {
  // Emptied first: a number left behind would name a process that is long gone.
  [[maybe_unused]] const int emptied = ::ftruncate(descriptor_, 0);
  ::close(descriptor_);
}

}  // namespace charrnn
