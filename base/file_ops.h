#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace charrnn {

/// The system calls that files of a run are written with, so that tests can let each of them fail.
/// Every function makes its calls on the calling thread and returns 0 or more, or the negative
/// errno.
class FileOps {
 public:
  using Path = std::filesystem::path;
  using Result = std::int64_t;
  virtual ~FileOps() = default;

  /// Makes a file that must not exist yet and opens it for writing: a descriptor. `mode`: who may
  /// read and write it, as open(2) takes it; the umask applies.
  virtual Result create(const Path& file, unsigned mode) = 0;
  /// Locks an open file for this process (flock) without waiting.
  virtual Result lock(int descriptor) = 0;
  /// Writes some of the bytes at the end: how many.
  virtual Result write(int descriptor, std::span<const char> bytes) = 0;
  /// Returns when all that was written is on the disk.
  virtual Result sync(int descriptor) = 0;
  virtual Result close(int descriptor) = 0;

  /// Opens an existing regular file for reading: a descriptor. -EINVAL: it is none.
  virtual Result open(const Path& file) = 0;
  /// Opens a directory in order to sync() it: a descriptor.
  virtual Result open_directory(const Path& directory) = 0;
  /// Bytes in an open file.
  virtual Result size(int descriptor) = 0;
  /// Reads the next bytes: how many, 0 at the end.
  virtual Result read(int descriptor, std::span<char> bytes) = 0;

  /// Makes one directory. -EEXIST: it was there.
  virtual Result make_directory(const Path& directory) = 0;
  /// Gives a file or directory a name that must not be taken yet.
  virtual Result rename(const Path& from, const Path& to) = 0;
  /// Gives a file a name in the same instant in which another file loses it.
  virtual Result replace(const Path& from, const Path& to) = 0;
  /// Swaps two directories in one instant. -EINVAL, -ENOSYS: this file system cannot.
  virtual Result exchange(const Path& one, const Path& other) = 0;
  virtual Result remove_file(const Path& file) = 0;
  /// Removes an empty directory.
  virtual Result remove_directory(const Path& directory) = 0;
  /// The names in a directory, in any order, without "." and "..".
  virtual Result list(const Path& directory, std::vector<std::string>& names) = 0;
};

/// The real ones. Usable by any number of threads.
FileOps& system_file_ops();

}  // namespace charrnn
