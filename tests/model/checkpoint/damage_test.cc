#include <gtest/gtest.h>

#include <map>

#include "base/counter_rng.h"
#include "base/error.h"
#include "model/checkpoint/manifest.h"
#include "tests/base/memory_files.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

constexpr const char* kDirectory = "/checkpoints";

// Two checkpoints in memory; the newer one is damaged and mended again and again.
class Damage : public testing::Test {
 protected:
  Damage() {
    const CheckpointStore store(kDirectory, files_);
    store.write(sample_checkpoint(1), 2);
    store.write(sample_with_cut_off_validation(2), 2);
    std::vector<std::string> names;
    files_.list(newest_, names);
    for (const std::string& name : names) bytes_[name] = read(newest_ / name);
  }

  std::string read(const std::filesystem::path& file) {
    const int descriptor = static_cast<int>(files_.open(file));
    std::string bytes(static_cast<std::size_t>(files_.size(descriptor)), '\0');
    files_.read(descriptor, bytes);
    files_.close(descriptor);
    return bytes;
  }

  void write(const std::string& name, const std::string& bytes) {
    files_.remove_file(newest_ / name);
    const int descriptor = static_cast<int>(files_.create(newest_ / name, 0666));
    files_.write(descriptor, bytes);
    files_.close(descriptor);
  }

  // Puts these bytes where a file was and expects that the checkpoint before is taken.
  void expect_detected(const std::string& name, const std::string& damaged) {
    ASSERT_NE(damaged, bytes_[name]);
    write(name, damaged);
    std::vector<std::string> warnings;
    const auto found = CheckpointStore(kDirectory, files_).newest(&warnings);
    ASSERT_TRUE(found && same(*found, sample_checkpoint(1))) << "damage to " << name << " unseen";
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("000000002"), std::string::npos) << warnings[0];
    write(name, bytes_[name]);
    ++cases_;
  }

  void expect_flip_detected(const std::string& name, std::size_t byte, int bit) {
    std::string damaged = bytes_[name];
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
    expect_detected(name, damaged);
  }

  void expect_whole() {
    const auto found = CheckpointStore(kDirectory, files_).newest();
    ASSERT_TRUE(same(found.value(), sample_with_cut_off_validation(2)));
  }

  void TearDown() override { RecordProperty("cases", cases_); }

  MemoryFiles files_;
  const std::filesystem::path newest_ = "/checkpoints/000000002";
  std::map<std::string, std::string> bytes_;
  int cases_ = 0;
};

TEST_F(Damage, EveryFlippedBitOfTheManifestIsSeen) {
  const std::string name(kManifestName);
  for (std::size_t byte = 0; byte < bytes_[name].size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      ASSERT_NO_FATAL_FAILURE(expect_flip_detected(name, byte, bit)) << "byte " << byte;
    }
  }
  expect_whole();
}

TEST_F(Damage, EveryOtherByteInAnyPlaceOfTheManifestIsSeen) {
  const std::string name(kManifestName);
  for (std::size_t byte = 0; byte < bytes_[name].size(); ++byte) {
    for (const char other : std::string(" \t\n0a\"")) {
      std::string damaged = bytes_[name];
      damaged.insert(byte, 1, other);
      if (damaged == bytes_[name]) continue;
      ASSERT_NO_FATAL_FAILURE(expect_detected(name, damaged)) << "byte " << byte;
    }
  }
  expect_whole();
}

TEST_F(Damage, AFlippedBitInEveryByteOfEveryFileIsSeen) {
  for (const auto& [name, bytes] : std::map(bytes_)) {
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
      const int bit = static_cast<int>(philox(1, byte, 0)[0] % 8);
      ASSERT_NO_FATAL_FAILURE(expect_flip_detected(name, byte, bit)) << name << " byte " << byte;
    }
  }
  expect_whole();
}

TEST_F(Damage, EveryTruncationOfEveryFileIsSeen) {
  for (const auto& [name, bytes] : std::map(bytes_)) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_NO_FATAL_FAILURE(expect_detected(name, bytes.substr(0, size))) << name << " " << size;
    }
  }
  expect_whole();
}

TEST_F(Damage, AppendedBytesAndMissingFilesAreSeen) {
  for (const auto& [name, bytes] : std::map(bytes_)) {
    ASSERT_NO_FATAL_FAILURE(expect_detected(name, bytes + '\0')) << name;
    ASSERT_NO_FATAL_FAILURE(expect_detected(name, bytes + bytes)) << name;
    files_.remove_file(newest_ / name);
    EXPECT_EQ(CheckpointStore(kDirectory, files_).newest()->progress.step, 1U) << name;
    write(name, bytes);
  }
  expect_whole();
}

TEST_F(Damage, FilesOfAnotherCheckpointAreSeen) {
  for (const auto& [name, bytes] : std::map(bytes_)) {
    if (name == "pending_validation.safetensors") continue;
    const std::string other = read(std::filesystem::path("/checkpoints/000000001") / name);
    if (other == bytes) continue;
    ASSERT_NO_FATAL_FAILURE(expect_detected(name, other)) << name;
  }
  expect_whole();
}

}  // namespace
}  // namespace charrnn
