#include "corpus/index_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "corpus/corpus.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

bool operator==(const IndexedFile& a, const IndexedFile& b) {
  return a.path == b.path && a.status == b.status && a.hash == b.hash && a.begin == b.begin &&
         a.first_character == b.first_character && a.characters == b.characters &&
         a.first_block == b.first_block && a.block_count == b.block_count &&
         a.uniform == b.uniform && a.invalid == b.invalid && a.first_invalid == b.first_invalid;
}

class IndexCache : public testing::Test {
 protected:
  IndexCache() {
    paths_ = {folder_.write("a", "plain"), folder_.write("b", "\xEF\xBB\xBFgrüße\r\n\xFF ué"),
              folder_.write("c", std::string(100000, 'x'))};
    form_.invalid = Invalid::kReplace;
    index_ = build_index(paths_, form_, shape_);
    save_index(kept_, index_);
  }

  bool is_kept() const { return load_index(kept_, paths_).has_value(); }

  static void set_time(const std::string& path, std::int64_t nanoseconds) {
    const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    const timespec times[2] = {time, time};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  TemporaryDirectory folder_;
  std::vector<std::string> paths_;
  TextForm form_;
  IndexShape shape_{8, 2};
  CorpusIndex index_;
  std::filesystem::path kept_ = folder_.path() / "cache" / "it.index";
};

TEST_F(IndexCache, BringsBackWhatWasKept) {
  const std::optional<CorpusIndex> read = load_index(kept_, paths_);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->block_bytes, 8u);
  EXPECT_EQ(read->characters, index_.characters);
  ASSERT_EQ(read->files.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(read->files[i] == index_.files[i]) << i;
  ASSERT_EQ(read->blocks.size(), index_.blocks.size());
  for (std::size_t i = 0; i < read->blocks.size(); ++i) {
    EXPECT_EQ(read->blocks[i].character, index_.blocks[i].character);
    EXPECT_EQ(read->blocks[i].skew, index_.blocks[i].skew);
  }
}

// A file of one block is hashed while it is in memory, any other by its samples.
TEST_F(IndexCache, KnowsFilesOfAnySizeAgain) {
  paths_.clear();
  for (const std::size_t size : {0, 1, 32768, 32769, 65535, 65536, 65537, 200000}) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size()) + '\n';
    paths_.push_back(folder_.write(std::to_string(size), text.substr(0, size)));
  }
  save_index(kept_, build_index(paths_, form_));
  EXPECT_TRUE(is_kept());
}

TEST_F(IndexCache, NoticesAnotherSize) {
  folder_.write("a", "plain text");
  EXPECT_FALSE(is_kept());
}

TEST_F(IndexCache, NoticesAnotherTimeOfChange) {
  set_time(paths_[0], 12345);
  EXPECT_FALSE(is_kept());
}

TEST_F(IndexCache, NoticesOtherTextOfEqualSizeAndTime) {
  folder_.write("a", "brain");
  set_time(paths_[0], index_.files[0].status.modified_ns);
  EXPECT_FALSE(is_kept());
}

TEST_F(IndexCache, NoticesAVanishedFile) {
  std::filesystem::remove(paths_[1]);
  EXPECT_FALSE(is_kept());
}

TEST_F(IndexCache, DoesNotBelieveADamagedFile) {
  std::string bytes;
  {
    std::ifstream file(kept_, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 300) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    folder_.write("cache/it.index", damaged);
    EXPECT_FALSE(is_kept()) << "byte " << at;
    folder_.write("cache/it.index", bytes.substr(0, at));
    EXPECT_FALSE(is_kept()) << at << " bytes";
  }
  folder_.write("cache/it.index", bytes);
  EXPECT_TRUE(is_kept());
}

TEST_F(IndexCache, HasANameForEachFormAndListOfFiles) {
  const auto name = [&] { return index_file("cache", paths_, form_, shape_); };
  const std::filesystem::path first = name();
  form_.invalid = Invalid::kSkip;
  EXPECT_NE(name(), first);
  form_.invalid = Invalid::kReplace;
  EXPECT_EQ(name(), first);
  std::swap(paths_[0], paths_[1]);
  EXPECT_NE(name(), first);
}

TEST_F(IndexCache, LeavesNothingBesideTheIndex) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(kept_.parent_path())) {
    ++files;
  }
  EXPECT_EQ(files, 1u);
}

TEST_F(IndexCache, IsUsedByTheSecondRunOverALargeText) {
  CorpusOptions options;
  options.files = {folder_.write("large", std::string(20'000'000, 'x') + "yé")};
  options.cache_directory = folder_.at("kept");
  const auto first = Corpus::open(options);
  const auto second = Corpus::open(options);
  EXPECT_FALSE(first->report().index_from_cache);
  EXPECT_TRUE(second->report().index_from_cache);
  EXPECT_EQ(second->characters(), first->characters());
  EXPECT_EQ(second->vocabulary(), first->vocabulary());
  EXPECT_EQ(second->fingerprint(), first->fingerprint());
  EXPECT_EQ(second->locate(20'000'002).byte, 20'000'003u);
}

TEST_F(IndexCache, IsDoneWithoutWhereItCannotBeKept) {
  CorpusOptions options;
  options.files = {folder_.write("large", std::string(20'000'000, 'x'))};
  options.cache_directory = folder_.write("a file, no folder", "");
  EXPECT_EQ(Corpus::open(options)->characters(), 20'000'000u);
}

}  // namespace
}  // namespace charrnn
