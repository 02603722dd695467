#include "base/file_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace charrnn {
namespace {

class SystemFileOps final : public FileOps {
 public:
  Result create(const Path& file, unsigned mode) override {
    return outcome(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  }
  Result lock(int descriptor) override { return outcome(::flock(descriptor, LOCK_EX | LOCK_NB)); }
  Result write(int descriptor, std::span<const char> bytes) override {
    return outcome(::write(descriptor, bytes.data(), bytes.size()));
  }
  Result sync(int descriptor) override { return outcome(::fsync(descriptor)); }
  Result close(int descriptor) override { return outcome(::close(descriptor)); }

  Result open(const Path& file) override {
    // O_NONBLOCK: a pipe of that name must not hold the program up.
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return outcome(descriptor);
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return descriptor;
    ::close(descriptor);
    return -EINVAL;
  }
  Result open_directory(const Path& directory) override {
    return outcome(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  Result size(int descriptor) override {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 ? status.st_size : -errno;
  }
  Result read(int descriptor, std::span<char> bytes) override {
    return outcome(::read(descriptor, bytes.data(), bytes.size()));
  }

  Result make_directory(const Path& directory) override {
    return outcome(::mkdir(directory.c_str(), 0777));
  }
  Result rename(const Path& from, const Path& to) override {
    const Result done = rename_with(RENAME_NOREPLACE, from, to);
    if (done != -EINVAL && done != -ENOSYS) return done;
    // Without the flag a full directory is still never replaced: rename(2) answers ENOTEMPTY.
    const Result plain = outcome(::rename(from.c_str(), to.c_str()));
    return plain == -ENOTEMPTY ? -EEXIST : plain;
  }
  Result replace(const Path& from, const Path& to) override {
    return outcome(::rename(from.c_str(), to.c_str()));
  }
  Result exchange(const Path& one, const Path& other) override {
    return rename_with(RENAME_EXCHANGE, one, other);
  }
  Result remove_file(const Path& file) override { return outcome(::unlink(file.c_str())); }
  Result remove_directory(const Path& directory) override {
    return outcome(::rmdir(directory.c_str()));
  }

  Result list(const Path& directory, std::vector<std::string>& names) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
    if (stream == nullptr) return -errno;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    return -errno;
  }

 private:
  static Result outcome(std::int64_t result) { return result < 0 ? -errno : result; }

  static Result rename_with(unsigned flags, const Path& from, const Path& to) {
    return outcome(::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags));
  }
};

}  // namespace

FileOps& system_file_ops() {
  static SystemFileOps ops;
  return ops;
}

}  // namespace charrnn
