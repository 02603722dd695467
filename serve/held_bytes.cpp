#include "serve/held_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "serve/request_error.h"

namespace charrnn {
namespace {

[[noreturn]] void refuse(const std::string& place) {
  throw RequestError(503,
                     "there is no room for so long an answer in " + place + ": " +
                         std::strerror(errno) + "; ask for a stream, or for fewer characters",
                     "", "no_room");
}

std::string temporary_directory() {
  const char* const named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/var/tmp";
}

// Some file systems have no files without a name.
int open_unnamed(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string path = directory + "/charrnn-answer-XXXXXX";
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(path.c_str());
  return named;
}

void write_all(int file, std::size_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) refuse(temporary_directory());
    at += static_cast<std::size_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

HeldBytes::~HeldBytes() {
  if (file_ >= 0) ::close(file_);
}

HeldBytes::HeldBytes(HeldBytes&& other) noexcept
    : memory_(std::move(other.memory_)),
      file_(std::exchange(other.file_, -1)),
      size_(std::exchange(other.size_, 0)) {}

HeldBytes& HeldBytes::operator=(HeldBytes&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(file_, other.file_);
  std::swap(size_, other.size_);
  return *this;
}

void HeldBytes::write(std::size_t at, std::string_view bytes) {
  const std::size_t end = std::max(size_, at + bytes.size());
  if (file_ < 0 && end > kInMemory) {
    file_ = open_unnamed(temporary_directory());
    if (file_ < 0) refuse(temporary_directory());
    write_all(file_, 0, std::exchange(memory_, {}));
  }
  if (file_ >= 0) {
    write_all(file_, at, bytes);
  } else {
    memory_.resize(end);
    bytes.copy(memory_.data() + at, bytes.size());
  }
  size_ = end;
}

std::string HeldBytes::read(std::size_t at, std::size_t most) const {
  if (at >= size_) return {};
  if (file_ < 0) return memory_.substr(at, most);
  std::string bytes(std::min(most, size_ - at), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(temporary_directory());
    // What lies behind the last byte that was written are zeros.
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace charrnn
