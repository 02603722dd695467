#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace charrnn {

/// What a file system says about a file: enough to notice most changes without reading.
struct FileStatus {
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;

  bool operator==(const FileStatus&) const = default;
};

/// XXH3-128 of a file's size and of samples spread over it.
struct SampledHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const SampledHash&) const = default;
};

/// The status of a regular file by its path. Throws Error(kInput) naming it.
FileStatus status_of(const std::string& path);

/// The hash of a file whose whole text is at hand: what InputFile::sampled_hash() finds.
SampledHash sampled_hash(std::string_view text);

/// A regular file opened for reading, by offset; read-only and so safe in any number of threads.
class InputFile {
 public:
  /// Throws Error(kInput) naming the file: missing, unreadable, or not a regular file. `name`: what
  /// messages call it, if not by its path.
  explicit InputFile(std::string path, std::string name = {});
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  const std::string& name() const { return name_; }

  /// What the file system said when it was opened.
  const FileStatus& opened() const { return opened_; }

  /// What the file system says now. Throws Error(kInput) when the file was deleted meanwhile.
  FileStatus status() const;

  /// Reads up to `size` bytes from `offset` into `to`; fewer only at the file's end. Throws
  /// Error(kInput) with file and offset.
  std::size_t read(std::uint64_t offset, char* to, std::size_t size) const;

  /// As read(), but a file that ends before is an Error(kInput): it shrank.
  void read_exactly(std::uint64_t offset, char* to, std::size_t size) const;

  /// Hashes the whole of a file of up to 32 KiB, and eight samples of 4 KiB of a larger one.
  SampledHash sampled_hash(std::uint64_t bytes) const;

 private:
  std::string path_;
  std::string name_;
  int descriptor_ = -1;
  FileStatus opened_;
};

}  // namespace charrnn
