#include "base/new_file.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/durable_files.h"
#include "base/error.h"
#include "tests/base/faulty_files.h"
#include "tests/base/memory_files.h"

namespace charrnn {
namespace {

constexpr const char* kFile = "/run/config.ini";
const std::string kOld(100, 'o');
const std::string kNew(200, 'n');

std::string content(FileOps& files) { return read_file(files, kFile, 1000); }

// A run directory with the old file in it, all of it on the disk.
void prepare(MemoryFiles& files) {
  files.make_directory("/run");
  sync_directory(files, "/");
  write_whole_file(kFile, kOld, FileKind::kRun, files);
}

// Replaces the file; whether that was reported as done.
bool replaces(FileOps& files) {
  try {
    write_whole_file(kFile, kNew, FileKind::kRun, files);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
    EXPECT_NE(std::string(error.what()).find("/run"), std::string::npos) << error.what();
    return false;
  }
}

TEST(NewFile, LossOfPowerAtAnyCallLeavesTheOldOrTheNewFileWhole) {
  int found_old = 0;
  int found_new = 0;
  bool power_was_lost = true;
  for (std::uint64_t call = 1; power_was_lost; ++call) {
    MemoryFiles files;
    prepare(files);
    files.lose_power_at(files.calls() + call);
    const bool done = replaces(files);
    power_was_lost = files.has_no_power();
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto found = files.after_power_loss(call * 20 + seed);
      const std::string text = content(*found);
      ASSERT_TRUE(text == kNew || (text == kOld && !done)) << "call " << call << " seed " << seed;
      ++(text == kNew ? found_new : found_old);
    }
  }
  EXPECT_GT(found_old, 50);
  EXPECT_GT(found_new, 20);
}

TEST(NewFile, AFailureOfAnyCallIsReportedAndLeavesNoTemporaryFile) {
  bool failed = true;
  for (std::uint64_t call = 1; failed; ++call) {
    MemoryFiles files;
    prepare(files);
    FaultyFiles faulty(files);
    faulty.fail_at(call, ENOSPC, false);
    const bool done = replaces(faulty);
    failed = faulty.failures() > 0;
    const std::string text = content(files);
    EXPECT_TRUE(text == kNew || (text == kOld && !done)) << "call " << call;
    std::vector<std::string> names;
    files.list("/run", names);
    // Removing the temporary file comes after whatever failed.
    EXPECT_EQ(names, std::vector<std::string>{"config.ini"}) << "call " << call;
  }
}

TEST(NewFile, OneThatIsNotPublishedIsGone) {
  MemoryFiles files;
  prepare(files);
  {
    NewFile fresh(kFile, FileKind::kRun, files);
    fresh.write(kNew);
  }
  EXPECT_EQ(content(files), kOld);
  std::vector<std::string> names;
  files.list("/run", names);
  EXPECT_EQ(names.size(), 1U);
}

TEST(NewFile, TheMessageNamesTheKeyThatChoosesAnotherPlace) {
  for (const FileKind kind : {FileKind::kRun, FileKind::kCache}) {
    MemoryFiles files;
    FaultyFiles faulty(files);
    faulty.fail_at(1, ENOSPC, true);
    try {
      write_whole_file("/folder/file", kNew, kind, faulty);
      FAIL();
    } catch (const Error& error) {
      const char* key = kind == FileKind::kRun ? "run.directory" : "corpus.cache_directory";
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace charrnn
