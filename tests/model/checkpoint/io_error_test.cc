#include <gtest/gtest.h>

#include <cerrno>

#include "base/error.h"
#include "tests/base/faulty_files.h"
#include "tests/base/memory_files.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

// One kind of failure, at every call of a write in turn.
struct Failure {
  const char* name;
  int error;
  bool persistent;
};

void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }

class IoError : public testing::TestWithParam<Failure> {
 protected:
  // Lets the n-th call of a write fail. Returns false when the write had fewer calls.
  bool fail_one_write(FileOps& files, const std::filesystem::path& directory, std::uint64_t call,
                      const Checkpoint& written) {
    FaultyFiles faulty(files);
    const CheckpointStore store(directory, faulty);
    store.write(sample_checkpoint(1), 2);
    store.write(sample_checkpoint(2), 2);
    const Checkpoint before = sample_with_cut_off_validation(3);
    store.write(before, 2);
    faulty.fail_at(call, GetParam().error, GetParam().persistent);
    bool claimed = false;
    try {
      store.write(written, 2);
      claimed = true;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
      EXPECT_NE(std::string(error.what()).find(directory.string()), std::string::npos)
          << error.what();
    }
    const bool failed = faulty.failures() > 0;
    faulty.heal();
    check_intact(store, before, written, claimed);
    if (!claimed && !GetParam().persistent && written.progress.step > before.progress.step) {
      EXPECT_EQ(temporary_directories(files, directory), 0) << "a failed write left some";
    }
    check_goes_on(store, files, directory, written);
    return failed;
  }

  static int temporary_directories(FileOps& files, const std::filesystem::path& directory) {
    std::vector<std::string> names;
    files.list(directory, names);
    int temporary = 0;
    for (const std::string& name : names) temporary += name.ends_with(".tmp") ? 1 : 0;
    return temporary;
  }

  void check_intact(const CheckpointStore& store, const Checkpoint& before,
                    const Checkpoint& written, bool claimed) {
    const auto found = store.newest();
    ASSERT_TRUE(found.has_value());
    if (claimed) {
      ++claimed_;
      ASSERT_TRUE(same(*found, written));
    } else {
      ++refused_;
      ASSERT_TRUE(same(*found, before) || same(*found, written));
      // Nothing was pruned for a checkpoint that may not stay.
      ASSERT_GE(store.steps().size(), 2U);
    }
  }

  void check_goes_on(const CheckpointStore& store, FileOps& files,
                     const std::filesystem::path& directory, const Checkpoint& written) {
    store.remove_leftovers();
    EXPECT_TRUE(store.write(written, 2).empty());
    EXPECT_TRUE(same(store.newest().value(), written));
    std::vector<std::string> names;
    files.list(directory, names);
    EXPECT_EQ(names.size(), 2U) << "something was left over";
  }

  int claimed_ = 0;
  int refused_ = 0;
};

TEST_P(IoError, AtAnyCallLosesNothingAndIsNotCalledASuccess) {
  for (const std::uint64_t step : {3, 4}) {  // replacing, and the next one
    bool failed = true;
    for (std::uint64_t call = 1; failed; ++call) {
      SCOPED_TRACE("step " + std::to_string(step) + ", call " + std::to_string(call));
      MemoryFiles files;
      files.make_directory("/run");
      failed = fail_one_write(files, "/run/checkpoints", call, sample_checkpoint(step));
      if (HasFatalFailure()) return;
    }
  }
  RecordProperty("cases", claimed_ + refused_);
  EXPECT_GT(claimed_ + refused_, 200);
  const auto [name, error, persistent] = GetParam();
  if (error == 0) {
    EXPECT_EQ(refused_, 0) << "a short write is no failure";
  } else if (error == EINTR && !persistent) {
    EXPECT_GT(claimed_, 250) << "an interrupted open, write or read is tried again";
  } else {
    EXPECT_GT(refused_, 150);
  }
}

// A few of them, for each sync of a real disk takes its time.
TEST_P(IoError, OnRealFilesLeavesTheSame) {
  bool failed = true;
  for (std::uint64_t call = 5; failed; call += 60) {
    SCOPED_TRACE("call " + std::to_string(call));
    const TemporaryDirectory temporary;
    failed = fail_one_write(system_file_ops(), temporary.path() / "checkpoints", call,
                            sample_checkpoint(4));
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Failures, IoError,
    testing::Values(Failure{"DiskErrorOnce", EIO, false}, Failure{"DiskErrorForGood", EIO, true},
                    Failure{"FullDiskOnce", ENOSPC, false},
                    Failure{"FullDiskForGood", ENOSPC, true}, Failure{"QuotaOnce", EDQUOT, false},
                    Failure{"QuotaForGood", EDQUOT, true},
                    Failure{"InterruptionOnce", EINTR, false},
                    Failure{"InterruptionForGood", EINTR, true},
                    Failure{"ShortWriteOnce", 0, false}, Failure{"ShortWriteForGood", 0, true}),
    [](const auto& failure) { return failure.param.name; });

TEST(WithoutSwap, AFailedReplacementIsTakenBack) {
  const Checkpoint before = sample_with_cut_off_validation(3);
  int taken_back = 0;
  bool failed = true;
  for (std::uint64_t call = 1; failed; ++call) {
    MemoryFiles files;
    files.cannot_exchange();
    FaultyFiles faulty(files);
    const CheckpointStore store("/checkpoints", faulty);
    store.write(before, 2);
    faulty.fail_at(call, EIO, false);
    try {
      store.write(sample_checkpoint(3), 2);
      EXPECT_TRUE(same(store.newest().value(), sample_checkpoint(3))) << "call " << call;
    } catch (const Error& error) {
      const Checkpoint found = store.newest().value();
      EXPECT_TRUE(same(found, before) || same(found, sample_checkpoint(3))) << "call " << call;
      taken_back += same(found, before) ? 1 : 0;
    }
    failed = faulty.failures() > 0;
  }
  EXPECT_GT(taken_back, 50);
}

// A disk that says it has written, and has not what was given.
TEST(WrongBytes, AreSeenBeforeTheCheckpointGetsItsName) {
  int seen = 0;
  for (std::uint64_t write = 1;; ++write) {
    MemoryFiles files;
    FaultyFiles faulty(files);
    const CheckpointStore store("/checkpoints", faulty);
    store.write(sample_checkpoint(1), 2);
    faulty.alter_write(write);
    try {
      store.write(sample_checkpoint(2), 2);
      ASSERT_FALSE(faulty.has_altered()) << "write " << write;
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kIo);
      EXPECT_NE(std::string(error.what()).find("does not read back"), std::string::npos);
      EXPECT_EQ(store.steps(), std::vector<std::uint64_t>{1});
      ++seen;
    }
  }
  EXPECT_GT(seen, 20);
}

TEST(IoErrorMessage, TellsThePlaceTheReasonAndWhatToDo) {
  MemoryFiles files;
  files.make_directory("/run");
  FaultyFiles faulty(files);
  const CheckpointStore store("/run/checkpoints", faulty);
  store.write(sample_checkpoint(1), 2);
  for (std::uint64_t call = 1;; ++call) {
    faulty.fail_at(call, ENOSPC, true);
    try {
      store.write(sample_checkpoint(2), 2);
      break;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("/run/checkpoints"), std::string::npos) << message;
      EXPECT_NE(message.find("No space left on device"), std::string::npos) << message;
      // Reading needs no space.
      EXPECT_TRUE(message.find("free some space") != std::string::npos ||
                  message.find("does not read back") != std::string::npos)
          << message;
    }
    faulty.heal();
    store.remove_leftovers();
    if (store.steps().size() == 2) break;
  }
}

}  // namespace
}  // namespace charrnn
