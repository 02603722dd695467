#include "corpus/expansion.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "base/new_file.h"
#include "corpus/corpus.h"
#include "tests/corpus/compress.h"
#include "tests/corpus/corpus_text.h"
#include "tests/corpus/expected_error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

/// Gives a file as standard input for as long as it lives; opened for reading and writing, so that
/// no end of a FIFO waits for the other.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : kept_(dup(STDIN_FILENO)) {
    const int file = open(path.c_str(), O_RDWR);
    dup2(file, STDIN_FILENO);
    close(file);
  }
  ~StandardInput() {
    dup2(kept_, STDIN_FILENO);
    close(kept_);
  }

 private:
  int kept_;
};

class Expansion : public testing::Test {
 protected:
  Expansion() { options_.cache_directory = folder_.at("cache"); }

  std::shared_ptr<const Corpus> open(std::vector<std::string> files) {
    options_.files = std::move(files);
    return Corpus::open(options_);
  }

  std::size_t files_in_cache() const {
    std::size_t files = 0;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(folder_.path() / "cache", error), end;
         entry != end; ++entry) {
      files += entry->is_regular_file();
    }
    return files;
  }

  std::set<std::filesystem::path> texts_in_cache() const {
    std::set<std::filesystem::path> texts;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path() / "cache")) {
      if (entry.path().extension() == ".txt") texts.insert(entry.path());
    }
    return texts;
  }

  TemporaryDirectory folder_;
  CorpusOptions options_;
};

TEST_F(Expansion, PlainTextStaysWhereItIs) {
  const std::string path = folder_.write("a", "plain");
  EXPECT_EQ(open({path})->files().front(), path);
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(Expansion, CompressedTextIsLikeAnyOther) {
  const std::string content = "grüße\r\n\u4E2D ";
  const auto corpus = open({folder_.write("a", gzip(content)), folder_.write("b", zstd(content)),
                            folder_.write("c", content), folder_.write("d", xz(content)),
                            folder_.write("e", bzip2(content))});
  std::string expected;
  for (int i = 0; i < 5; ++i) expected += "grüße\n\u4E2D ";
  EXPECT_EQ(text_of(*corpus), expected);
}

TEST_F(Expansion, IsDoneOnce) {
  const std::string path = folder_.write("a.gz", gzip("some text"));
  EXPECT_EQ(open({path})->files(), (std::vector<std::filesystem::path>{path}));
  const auto first = texts_in_cache();
  ASSERT_EQ(first.size(), 1u);
  const auto time = std::filesystem::last_write_time(*first.begin());
  open({path});
  EXPECT_EQ(texts_in_cache(), first);
  EXPECT_EQ(std::filesystem::last_write_time(*first.begin()), time);
  folder_.write("a.gz", gzip("some other text"));
  open({path});
  EXPECT_EQ(texts_in_cache().size(), 2u);
}

TEST_F(Expansion, IsDoneAgainWhenTheCacheWasDamaged) {
  const std::string path = folder_.write("a.gz", gzip("some text"));
  open({path});
  std::filesystem::resize_file(*texts_in_cache().begin(), 4);
  EXPECT_EQ(text_of(*open({path})), "some text");
}

TEST_F(Expansion, ACorpusThatIsReadDoesNotMindAnEmptiedCache) {
  const auto corpus = open({folder_.write("a.gz", gzip("some text"))});
  std::filesystem::remove_all(folder_.path() / "cache");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(text_of(*corpus), "some text");
}

TEST_F(Expansion, ATextThatIsThereAndInUseStays) {
  const std::string path = folder_.write("in", "typed text");
  const StandardInput first(path);
  const auto corpus = open({"-"});
  struct stat before;
  ASSERT_EQ(stat(texts_in_cache().begin()->c_str(), &before), 0);
  const StandardInput second(path);
  open({"-"});
  struct stat after;
  ASSERT_EQ(stat(texts_in_cache().begin()->c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(files_in_cache(), 2u);
  EXPECT_EQ(corpus->files().front(), "standard input");
}

TEST_F(Expansion, OneTextIsNeverCountedTwiceAgainstTheLimit) {
  options_.cache_limit = 150'000;
  const std::string a = folder_.write("a.gz", gzip(std::string(100'000, 'x')));
  std::filesystem::create_symlink(a, folder_.at("link.gz"));
  EXPECT_EQ(open({a, folder_.at("link.gz"), a})->characters(), 300'000u);
  std::filesystem::remove_all(folder_.path() / "cache");
  const std::string piped = folder_.write("in", std::string(100'000, 'y'));
  for (int round = 0; round < 2; ++round) {
    const StandardInput input(piped);
    EXPECT_EQ(open({"-"})->characters(), 100'000u);
  }
  const StandardInput other(folder_.write("other", std::string(100'000, 'z')));
  expect_error([&] { open({"-"}); }, ErrorKind::kInput, {"standard input", "corpus.cache_limit"});
  EXPECT_EQ(files_in_cache(), 2u);
}

TEST_F(Expansion, AFolderThatIsNamedLikeAHalfWrittenFileLosesNothing) {
  options_.cache_directory = folder_.at("cache/x.part-1");
  const std::string path = folder_.write("a.gz", gzip("some text"));
  open({path});
  const auto first = texts_in_cache();
  open({folder_.write("b.gz", gzip("some other text"))});
  EXPECT_EQ(texts_in_cache().size(), 2u);
}

TEST_F(Expansion, Utf16AndCompositionAreText) {
  options_.encoding = Encoding::kUtf16;
  const std::string path = folder_.write("a", std::string("\xFF\xFE"
                                                          "e\0\x01\x03\r\0\n\0",
                                                          10));
  EXPECT_EQ(text_of(*open({path})), "e\u0301\n");
  options_.normalise = NormalForm::kNfc;
  EXPECT_EQ(text_of(*open({path})), "\u00E9\n");
}

TEST_F(Expansion, BytesAndLatin1AreKeptInIt) {
  const std::string path = folder_.write("a.gz", gzip("\xFF\xE9\r\n"));
  options_.encoding = Encoding::kBytes;
  EXPECT_EQ(text_of(*open({path})), "\xFF\xE9\r\n");
  options_.encoding = Encoding::kLatin1;
  EXPECT_EQ(text_of(*open({path})), "ÿé\n");
}

TEST_F(Expansion, StandardInputIsReadLikeAFile) {
  for (const std::string& content : {std::string("typed text"), gzip("typed text")}) {
    const StandardInput input(folder_.write("in", content));
    EXPECT_EQ(text_of(*open({"-"})), "typed text");
  }
}

TEST_F(Expansion, MistakesAreReportedBySourceAndByteAlsoFromTheCache) {
  options_.invalid = Invalid::kSkip;
  const std::string good = folder_.write("good", "fine");
  const std::string bad = folder_.write("bad.gz", gzip("ab\xFF"
                                                       "c\x80"));
  for (int round = 0; round < 2; ++round) {
    const auto corpus = open({good, bad});
    EXPECT_EQ(text_of(*corpus), "fineabc");
    EXPECT_EQ(corpus->report().invalid, 2u);
    EXPECT_EQ(corpus->report().first_invalid_file, bad);
    EXPECT_EQ(corpus->report().first_invalid_byte, 2u);
  }
  options_.invalid = Invalid::kError;
  expect_error([&] { open({good, bad}); }, ErrorKind::kInput, {bad, "byte 2", "UTF-8"});
}

TEST_F(Expansion, ABombEndsAtTheLimitAndLeavesNothing) {
  const std::string path = folder_.write("bomb.gz", gzip(std::string(50'000'000, 'x')));
  ASSERT_LT(std::filesystem::file_size(path), 50'000u);
  options_.cache_limit = 1'000'000;
  expect_error([&] { open({path}); }, ErrorKind::kInput, {path, "corpus.cache_limit", "1000000"});
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(Expansion, TheLimitIsForAllTextsTogether) {
  options_.cache_limit = 150'000;
  const std::string a = folder_.write("a.gz", gzip(std::string(100'000, 'x')));
  const std::string b = folder_.write("b.gz", gzip(std::string(100'000, 'y')));
  open({a});
  open({a});
  expect_error([&] { open({b}); }, ErrorKind::kInput, {b, "corpus.cache_limit"});
  expect_error([&] { open({a, b}); }, ErrorKind::kInput, {b, "corpus.cache_limit"});
}

TEST_F(Expansion, DamagedInputIsNamedAndLeavesNothing) {
  std::string data = zstd("some text that is long enough to be cut");
  data.resize(data.size() - 5);
  const std::string path = folder_.write("cut.zst", data);
  expect_error([&] { open({path}); }, ErrorKind::kInput, {path, "zstd", "ends too early"});
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(Expansion, AFailingWriteIsNamedAndLeavesNothing) {
  const std::string path = folder_.write("a.gz", gzip(std::string(5'000'000, 'x')));
  rlimit kept;
  getrlimit(RLIMIT_FSIZE, &kept);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1'000'000, kept.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  expect_error([&] { open({path}); }, ErrorKind::kIo, {"cache/text/", "cannot write"});
  setrlimit(RLIMIT_FSIZE, &kept);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(Expansion, AFullDiskIsNamedAndLeavesNothing) {
  const std::string disk = folder_.at("cache");
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "only root may mount the small disk that this needs";
  }
  const std::string path = folder_.write("a.gz", gzip(std::string(5'000'000, 'x')));
  expect_error([&] { open({path}); }, ErrorKind::kIo, {"No space left", "free some space"});
  EXPECT_EQ(files_in_cache(), 0u);
  umount(disk.c_str());
}

TEST_F(Expansion, AnUnwritableCacheIsNamed) {
  options_.cache_directory = folder_.write("a file", "");
  expect_error([&] { open({folder_.write("a.gz", gzip("x"))}); }, ErrorKind::kIo,
               {"a file", "cannot make"});
}

TEST_F(Expansion, RemovesWhatAKilledRunLeftButNotWhatIsBeingWritten) {
  folder_.write("cache/text/old.txt.part-abcdef", "half");
  const NewFile writing(folder_.path() / "cache" / "text" / "other.txt");
  open({folder_.write("a.gz", gzip("x"))});
  EXPECT_EQ(files_in_cache(), 3u);  // the text, its note, and the one being written
}

TEST_F(Expansion, AStopIsSeenWhileStandardInputIsSilent) {
  const std::string fifo = folder_.at("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const StandardInput silent(fifo);
  std::atomic<bool> stop = false;
  // Late enough for the other thread to wait; sooner would pass, too.
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  options_.files = {"-"};
  EXPECT_THROW(Corpus::open(options_, &stop), Stopped);
  stopper.join();
}

TEST_F(Expansion, ASourceThatChangesMeanwhileIsRefused) {
  const std::string source = folder_.write("changing", std::string(8 << 20, 'a'));
  options_.encoding = Encoding::kUtf16;
  std::atomic<bool> done = false;
  std::atomic<int> times = 0;
  std::thread toucher([&] {
    for (; !done; ++times) {
      const timespec at[2] = {{0, UTIME_OMIT}, {1'000'000 + times, 0}};
      utimensat(AT_FDCWD, source.c_str(), at, 0);
    }
  });
  while (times == 0) std::this_thread::yield();
  expect_error([&] { open({source}); }, ErrorKind::kInput,
               {"changing", "changed while it was expanded"});
  done = true;
  toucher.join();
  EXPECT_EQ(files_in_cache(), 0U);
}

}  // namespace
}  // namespace charrnn
