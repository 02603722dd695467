#include "corpus/byte_stream.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace charrnn {

FileStream::FileStream(const std::string& path) : file_(path), left_(file_.opened().bytes) {}

std::size_t FileStream::read(char* to, std::size_t size) {
  const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
  file_.read_exactly(offset_, to, now);
  offset_ += now;
  left_ -= now;
  return now;
}

DescriptorStream::DescriptorStream(int descriptor, std::string name, const std::atomic<bool>* stop)
    : descriptor_(descriptor), name_(std::move(name)), stop_(stop) {}

// Signals go to another thread, and so end no read.
void DescriptorStream::wait() const {
  constexpr int kLookMilliseconds = 100;
  pollfd bytes{descriptor_, POLLIN, 0};
  do {
    check_stop(stop_, "waiting for text");
  } while (::poll(&bytes, 1, kLookMilliseconds) == 0);
}

std::size_t DescriptorStream::read(char* to, std::size_t size) {
  for (;;) {
    wait();
    const ssize_t got = ::read(descriptor_, to, size);
    if (got >= 0) {
      offset_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR && errno != EAGAIN) {
      throw Error(ErrorKind::kInput, name_ + ": cannot be read at byte " + std::to_string(offset_) +
                                         ": " + std::strerror(errno));
    }
  }
}

const std::string& PeekStream::peek(std::size_t size) {
  while (head_.size() < size) {
    const std::size_t before = head_.size();
    head_.resize(size);
    head_.resize(before + in_->read(head_.data() + before, size - before));
    if (head_.size() == before) break;
  }
  return head_;
}

std::size_t PeekStream::read(char* to, std::size_t size) {
  if (head_.empty()) return in_->read(to, size);
  const std::size_t now = std::min(size, head_.size());
  std::memcpy(to, head_.data(), now);
  head_.erase(0, now);
  return now;
}

}  // namespace charrnn
