#include "corpus/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::uint64_t kSamples = 8;
constexpr std::uint64_t kSampleBytes = 4096;

std::string at_byte(std::uint64_t offset) { return " at byte " + std::to_string(offset); }

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ErrorKind::kInput, path + ": " + reason);
}

FileStatus status_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
}

/// `copy`: puts bytes of a file of `bytes` from an offset into memory.
template <typename Copy>
SampledHash hash_samples(std::uint64_t bytes, const Copy& copy) {
  const bool whole = bytes <= kSamples * kSampleBytes;
  const std::size_t size = whole ? bytes : kSamples * kSampleBytes;
  std::array<char, kSamples * kSampleBytes> samples;
  if (whole) {
    copy(0, samples.data(), size);
  } else {
    for (std::uint64_t i = 0; i < kSamples; ++i) {
      // The product of a size and 8 has room in 64 bits for any file there is.
      const std::uint64_t offset = (bytes - kSampleBytes) * i / (kSamples - 1);
      copy(offset, samples.data() + i * kSampleBytes, kSampleBytes);
    }
  }
  const XXH128_hash_t hash = XXH3_128bits_withSeed(samples.data(), size, bytes);
  return {hash.low64, hash.high64};
}

}  // namespace

FileStatus status_of(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    fail(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
  return status_of(status);
}

InputFile::InputFile(std::string path, std::string name)
    : path_(std::move(path)), name_(name.empty() ? path_ : std::move(name)) {
  // O_NONBLOCK: a pipe that took the file's place must not hang the run.
  descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail(name_, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status;
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor_);
    fail(name_, "is not a regular file");
  }
  opened_ = status_of(status);
}

InputFile::~InputFile() { close(descriptor_); }

FileStatus InputFile::status() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0) fail(name_, std::strerror(errno));
  if (status.st_nlink == 0) fail(name_, "was deleted or replaced while it was being read");
  return status_of(status);
}

std::size_t InputFile::read(std::uint64_t offset, char* to, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        pread(descriptor_, to + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      fail(name_, "cannot be read" + at_byte(offset + done) + ": " + std::strerror(errno));
    }
  }
  return done;
}

void InputFile::read_exactly(std::uint64_t offset, char* to, std::size_t size) const {
  const std::size_t got = read(offset, to, size);
  if (got < size) {
    fail(name_, "ends" + at_byte(offset + got) + ": it shrank while it was being read");
  }
}

SampledHash InputFile::sampled_hash(std::uint64_t bytes) const {
  return hash_samples(bytes, [this](std::uint64_t offset, char* to, std::size_t size) {
    read_exactly(offset, to, size);
  });
}

SampledHash sampled_hash(std::string_view text) {
  return hash_samples(text.size(), [text](std::uint64_t offset, char* to, std::size_t size) {
    text.copy(to, size, offset);
  });
}

}  // namespace charrnn
