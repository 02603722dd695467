#include "corpus/sources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/corpus/expected_error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class Sources : public testing::Test {
 protected:
  /// The files found, relative to the folder.
  std::vector<std::string> found(std::vector<std::string> sources) {
    for (std::string& source : sources) {
      const bool list = source.starts_with('@');
      if (list) source.erase(0, 1);
      source = std::string(list, '@').append(folder_.at(source));
    }
    std::vector<std::string> files = find_files(sources);
    for (std::string& file : files) {
      file = std::filesystem::path(file).lexically_relative(folder_.path()).native();
    }
    return files;
  }

  void expect_refused(const std::string& source, std::initializer_list<std::string> parts) {
    expect_error([&] { found({source}); }, ErrorKind::kInput, parts);
  }

  using Names = std::vector<std::string>;
  TemporaryDirectory folder_;
};

TEST_F(Sources, KeepTheOrderInWhichTheyAreNamed) {
  folder_.write("b", "");
  folder_.write("a", "");
  EXPECT_EQ(found({"b", "a", "b"}), (Names{"b", "a", "b"}));
}

TEST_F(Sources, ADirectoryIsReadToItsDepthInSortedOrderWithoutHiddenFiles) {
  for (const char* name : {"d/b", "d/a/2", "d/a/10", "d/a.txt", "d/.hidden", "d/.git/x", "d/Z"}) {
    folder_.write(name, "");
  }
  EXPECT_EQ(found({"d"}), (Names{"d/Z", "d/a.txt", "d/a/10", "d/a/2", "d/b"}));
}

TEST_F(Sources, AGlobIsSortedAndMayNameDirectories) {
  for (const char* name : {"x2.txt", "x1.txt", "x3.md", "xd.txt/y"}) folder_.write(name, "");
  EXPECT_EQ(found({"x*.txt"}), (Names{"x1.txt", "x2.txt", "xd.txt/y"}));
  expect_refused("q*", {"q*", "no file matches"});
}

TEST_F(Sources, AFileWhoseNameLooksLikeAGlobIsItself) {
  folder_.write("a[1].txt", "");
  EXPECT_EQ(found({"a[1].txt"}), (Names{"a[1].txt"}));
}

TEST_F(Sources, AListNamesOneSourceALineRelativeToItself) {
  for (const char* name : {"l/a", "l/sub/b", "c"}) folder_.write(name, "");
  folder_.write("l/list.txt", "# mine\na\r\n\n../c\nsub\ns*\n" + folder_.at("c"));
  Names names = found({"@l/list.txt"});
  EXPECT_EQ(names.size(), 5u);
  EXPECT_EQ(names[0], "l/a");
  EXPECT_EQ(names.back(), "c");
  expect_refused("@l/none.txt", {"none.txt", "No such file"});
}

TEST_F(Sources, AListMayBeginWithAByteOrderMarkAndHoldBlanksAroundNames) {
  folder_.write("a", "");
  folder_.write(" b ", "");
  folder_.write("list",
                "\xEF\xBB\xBF"
                "a\n  a\t\r\n b \n   \n # no file\n");
  EXPECT_EQ(found({"@list"}), (Names{"a", "a", " b "}));
}

TEST_F(Sources, ANameMayBeginWithAnAtSign) {
  folder_.write("@names", "");
  folder_.write("me@home", "");
  EXPECT_EQ(found({"me@home"}), (Names{"me@home"}));
  EXPECT_EQ(found({"@names"}), (Names{"@names"}));  // as the configuration writes it
  expect_error([] { find_files({"@/no/list"}); }, ErrorKind::kInput, {"/no/list"});
}

TEST_F(Sources, TwoStarsAreAnyDepth) {
  for (const char* name : {"d/b.txt", "d/x/a.txt", "d/x/y/c.txt", "d/x/y/c.md", "d/.h/e.txt"}) {
    folder_.write(name, "");
  }
  EXPECT_EQ(found({"d/**/*.txt"}), (Names{"d/b.txt", "d/x/a.txt", "d/x/y/c.txt"}));
  expect_refused("d/**/*.tex", {"d/**/*.tex", "no file matches"});
}

TEST_F(Sources, BracesStandForEachOfTheirParts) {
  for (const char* name : {"a.txt", "b.txt", "b2.txt", "c.md", "{x,y}"}) folder_.write(name, "");
  EXPECT_EQ(found({"{b*,a}.txt"}), (Names{"b.txt", "b2.txt", "a.txt"}));
  EXPECT_EQ(found({"{a.txt,{b.txt,c.md}}"}), (Names{"a.txt", "b.txt", "c.md"}));
  EXPECT_EQ(found({"{x,y}"}), (Names{"{x,y}"}));
  expect_refused("{a,missing}.txt", {"missing.txt", "check corpus.files"});
}

TEST_F(Sources, ATildeIsTheUsersHome) {
  folder_.write("home/a.txt", "");
  const std::string kept = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  setenv("HOME", folder_.at("home").c_str(), 1);
  EXPECT_EQ(find_files({"~/a.txt"}), (Names{folder_.at("home/a.txt")}));
  EXPECT_EQ(find_files({"/some/folder/~/*.txt"}), (Names{folder_.at("home/a.txt")}));
  setenv("HOME", kept.c_str(), 1);
}

TEST_F(Sources, MessagesNameTheKeyThatNamesTheFiles) {
  expect_error([] { find_files({"/no/file"}, "validation.files"); }, ErrorKind::kInput,
               {"/no/file", "check validation.files"});
}

TEST_F(Sources, StandardInputIsReadOnce) {
  EXPECT_EQ(find_files({"-"}), (Names{"-"}));
  expect_error([] { find_files({"-", "-"}); }, ErrorKind::kInput, {"once"});
}

TEST_F(Sources, MissingFilesAreNamed) {
  expect_refused("no.txt", {"no.txt", "No such file"});
  expect_error([] { find_files({}); }, ErrorKind::kInput, {"corpus.files"});
}

TEST_F(Sources, RunsAndTheCacheInsideOfADirectoryAreNoText) {
  for (const char* name : {"d/a.txt", "d/run/config.ini", "d/run/checkpoints/000000001/state.json",
                           "d/cache/text/x.txt", "d/other/config.ini"}) {
    folder_.write(name, "");
  }
  const std::vector<std::string> files =
      find_files({folder_.at("d")}, "corpus.files", folder_.at("d/cache"));
  EXPECT_EQ(files, (Names{folder_.at("d/a.txt"), folder_.at("d/other/config.ini")}));
}

TEST_F(Sources, AnEmptyDirectoryIsNamed) {
  std::filesystem::create_directory(folder_.at("d"));
  expect_refused("d", {"/d", "without any file"});
}

TEST_F(Sources, APipeIsNotOpened) {
  folder_.write("d/a", "");
  ASSERT_EQ(mkfifo(folder_.at("d/pipe").c_str(), 0600), 0);
  expect_refused("d/pipe", {"d/pipe", "a pipe", "standard input"});
  expect_refused("d", {"d/pipe"});
}

TEST_F(Sources, LinksAreFollowedAndABrokenOneIsNamed) {
  folder_.write("there/a", "");
  std::filesystem::create_directory(folder_.at("d"));
  ASSERT_EQ(symlink(folder_.at("there").c_str(), folder_.at("d/link").c_str()), 0);
  EXPECT_EQ(found({"d"}), (Names{"d/link/a"}));
  ASSERT_EQ(symlink("nowhere", folder_.at("d/broken").c_str()), 0);
  expect_refused("d", {"d/broken", "broken link"});
}

TEST_F(Sources, ADirectoryThatContainsItselfIsNamed) {
  folder_.write("d/sub/a", "");
  ASSERT_EQ(symlink("../..", folder_.at("d/sub/up").c_str()), 0);
  expect_refused("d", {"contains it"});
  ASSERT_EQ(symlink("self", folder_.at("self").c_str()), 0);
  expect_refused("self", {"self", "leads to itself"});
}

}  // namespace
}  // namespace charrnn
