#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "model/checkpoint/checkpoint.h"

namespace charrnn {

/// A small checkpoint whose every value follows from the step.
Checkpoint sample_checkpoint(std::uint64_t step);

/// The same, with a validation that was cut off.
Checkpoint sample_with_cut_off_validation(std::uint64_t step);

/// True when all is equal, bit for bit, the timing included.
bool same(const Checkpoint& one, const Checkpoint& other);

/// A directory of this test's own, empty, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The bytes of a real file; and the reverse.
std::string read_bytes(const std::filesystem::path& file);
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

}  // namespace charrnn
