#include "base/new_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr const char* kTemporary = ".part-";

}  // namespace

void NewFile::fail(const std::string& what, int reason) const {
  std::string message = temporary_ + ": " + what + ": " + std::strerror(reason);
  if (reason == ENOSPC || reason == EDQUOT) {
    message += "; free some space, or choose another corpus.cache_directory";
  }
  throw Error(ExitCode::kIo, message);
}

NewFile::NewFile(std::filesystem::path target)
    : target_(std::move(target)), temporary_(target_.native() + kTemporary + "XXXXXX") {
  std::error_code error;
  std::filesystem::create_directories(target_.parent_path(), error);
  if (error) fail("its folder cannot be made", error.value());
  descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail("cannot be made", errno);
  flock(descriptor_, LOCK_EX | LOCK_NB);
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno != EINTR) {
      fail("cannot be written", errno);
    }
  }
}

void NewFile::publish() { publish(target_); }

void NewFile::publish(const std::filesystem::path& target) {
  if (fsync(descriptor_) != 0) fail("cannot be written", errno);
  // Renamed before the lock is given up, so that nobody takes it for abandoned.
  if (rename(temporary_.c_str(), target.c_str()) != 0) fail("cannot be renamed", errno);
  temporary_.clear();
}

bool is_unpublished(const std::filesystem::path& file) {
  return file.filename().native().find(kTemporary) != std::string::npos;
}

void remove_abandoned_files(const std::filesystem::path& folder) noexcept {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (!is_unpublished(entries->path())) continue;
    const std::string& path = entries->path().native();
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    if (flock(file, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
    close(file);
  }
}

}  // namespace charrnn
