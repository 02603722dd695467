#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/file_ops.h"

namespace charrnn {

/// Passes every call on to real or simulated files, but lets chosen ones fail.
class FaultyFiles final : public FileOps {
 public:
  /// `files` is borrowed.
  explicit FaultyFiles(FileOps& files) : files_(files) {}

  /// The n-th call from now on (from 1) fails with `error`; `persistent`: every later one too.
  /// Error 0: writes, and only they, stop half way. Closing always closes, as on Linux.
  void fail_at(std::uint64_t call, int error, bool persistent) {
    calls_ = 0;
    failing_call_ = call;
    error_ = error;
    persistent_ = persistent;
    failures_ = 0;
  }

  /// The n-th write from now on (from 1) puts one wrong bit down and reports success.
  void alter_write(std::uint64_t write) {
    writes_ = 0;
    altered_write_ = write;
  }

  /// True when that has happened.
  bool has_altered() const { return altered_write_ != 0 && writes_ >= altered_write_; }

  /// All is well again.
  void heal() { failing_call_ = 0; }

  /// Calls that failed since fail_at().
  std::uint64_t failures() const { return failures_; }

  Result create(const Path& file, unsigned mode) override {
    return fails() && error_ != 0 ? -error_ : files_.create(file, mode);
  }
  Result lock(int descriptor) override {
    return fails() && error_ != 0 ? -error_ : files_.lock(descriptor);
  }
  Result write(int descriptor, std::span<const char> bytes) override {
    if (++writes_ == altered_write_) return write_altered(descriptor, bytes);
    if (!fails()) return files_.write(descriptor, bytes);
    if (error_ != 0) return -error_;
    return files_.write(descriptor, bytes.first(std::max<std::size_t>(bytes.size() / 2, 1)));
  }
  Result sync(int descriptor) override {
    return fails() && error_ != 0 ? -error_ : files_.sync(descriptor);
  }
  Result close(int descriptor) override {
    const Result closed = files_.close(descriptor);
    return fails() && error_ != 0 ? -error_ : closed;
  }
  Result open(const Path& file) override {
    return fails() && error_ != 0 ? -error_ : files_.open(file);
  }
  Result open_directory(const Path& directory) override {
    return fails() && error_ != 0 ? -error_ : files_.open_directory(directory);
  }
  Result size(int descriptor) override {
    return fails() && error_ != 0 ? -error_ : files_.size(descriptor);
  }
  Result read(int descriptor, std::span<char> bytes) override {
    return fails() && error_ != 0 ? -error_ : files_.read(descriptor, bytes);
  }
  Result make_directory(const Path& directory) override {
    return fails() && error_ != 0 ? -error_ : files_.make_directory(directory);
  }
  Result rename(const Path& from, const Path& to) override {
    return fails() && error_ != 0 ? -error_ : files_.rename(from, to);
  }
  Result replace(const Path& from, const Path& to) override {
    return fails() && error_ != 0 ? -error_ : files_.replace(from, to);
  }
  Result exchange(const Path& one, const Path& other) override {
    return fails() && error_ != 0 ? -error_ : files_.exchange(one, other);
  }
  Result remove_file(const Path& file) override {
    return fails() && error_ != 0 ? -error_ : files_.remove_file(file);
  }
  Result remove_directory(const Path& directory) override {
    return fails() && error_ != 0 ? -error_ : files_.remove_directory(directory);
  }
  Result list(const Path& directory, std::vector<std::string>& names) override {
    return fails() && error_ != 0 ? -error_ : files_.list(directory, names);
  }

 private:
  Result write_altered(int descriptor, std::span<const char> bytes) {
    std::string altered(bytes.begin(), bytes.end());
    altered.front() = static_cast<char>(altered.front() ^ 1);
    return files_.write(descriptor, altered);
  }

  bool fails() {
    ++calls_;
    const bool fails =
        failing_call_ != 0 && (persistent_ ? calls_ >= failing_call_ : calls_ == failing_call_);
    failures_ += fails ? 1 : 0;
    return fails;
  }

  FileOps& files_;
  std::uint64_t calls_ = 0;
  std::uint64_t failing_call_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t altered_write_ = 0;
  int error_ = 0;
  bool persistent_ = false;
};

}  // namespace charrnn
