#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "corpus/input_file.h"

namespace charrnn {

/// Bytes that come one after another, once. For one thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Puts the next bytes, at most `size`, into `to`. Returns how many; 0 at the end. Throws
  /// Error(kInput) with the source and the place.
  virtual std::size_t read(char* to, std::size_t size) = 0;
};

/// A file from its begin to the size that it had when it was opened.
class FileStream : public ByteStream {
 public:
  explicit FileStream(const std::string& path);
  std::size_t read(char* to, std::size_t size) override;
  const InputFile& file() const { return file_; }

 private:
  InputFile file_;
  std::uint64_t left_;
  std::uint64_t offset_ = 0;
};

/// An open descriptor (standard input), which stays open. `name` is for messages. Waits for bytes
/// as long as there are none, until `stop` is set (which may be null): then read() throws Stopped.
class DescriptorStream : public ByteStream {
 public:
  DescriptorStream(int descriptor, std::string name, const std::atomic<bool>* stop = nullptr);
  std::size_t read(char* to, std::size_t size) override;

 private:
  void wait() const;

  int descriptor_;
  std::string name_;
  const std::atomic<bool>* stop_;
  std::uint64_t offset_ = 0;
};

/// Another stream whose first bytes can be looked at before they are read.
class PeekStream : public ByteStream {
 public:
  explicit PeekStream(std::unique_ptr<ByteStream> in) : in_(std::move(in)) {}

  /// The first `size` bytes, or all when there are fewer. Before the first read() only.
  const std::string& peek(std::size_t size);
  std::size_t read(char* to, std::size_t size) override;

 private:
  std::unique_ptr<ByteStream> in_;
  std::string head_;
};

}  // namespace charrnn
