#include <gtest/gtest.h>

#include "pipeline/config/ini_scanner.h"

namespace charrnn {
namespace {

IniFile scan(const std::string& text) { return scan_ini(text, "a.ini"); }

std::string value_of(const std::string& line) {
  const IniFile file = scan(line);
  return file.settings.size() == 1 ? file.settings[0].value : "no single setting";
}

TEST(IniScanner, KnowsTheSectionAndLineOfEveryKey) {
  const IniFile file = scan("# head\n[train]\n\nbatch = 4\n[model]\r\nhidden=8\r\n");
  ASSERT_EQ(file.settings.size(), 2U);
  EXPECT_EQ(file.settings[0].key, "train.batch");
  EXPECT_EQ(file.settings[0].value, "4");
  EXPECT_EQ(file.settings[0].line, 4);
  EXPECT_EQ(file.settings[1].key, "model.hidden");
  EXPECT_EQ(file.settings[1].value, "8");
  EXPECT_EQ(file.settings[1].line, 6);
  EXPECT_TRUE(file.mistakes.empty());
}

TEST(IniScanner, ReadsFullKeysBeforeTheFirstSection) {
  EXPECT_EQ(scan("train.batch = 4").settings.at(0).key, "train.batch");
}

TEST(IniScanner, BeginsACommentOnlyAtALinesStartOrAfterWhiteSpace) {
  EXPECT_TRUE(scan("# key = value\n  # key = value").settings.empty());
  EXPECT_EQ(value_of("key = a#b"), "a#b");
  EXPECT_EQ(value_of("key = a #b"), "a");
  EXPECT_EQ(value_of("key = a\t# b"), "a");
  EXPECT_EQ(value_of("key =#a"), "#a");
  EXPECT_EQ(value_of("key = # a"), "");
}

TEST(IniScanner, LetsAValueHoldEqualsSigns) { EXPECT_EQ(value_of("key = a=b == c"), "a=b == c"); }

TEST(IniScanner, KeepsWhatStandsInQuotes) {
  EXPECT_EQ(value_of(R"(key = "  a # b  " # comment)"), "  a # b  ");
  EXPECT_EQ(value_of(R"(key = "one\ntwo\t\"three\" \\ \z")"), "one\ntwo\t\"three\" \\ \\z");
}

TEST(IniScanner, TakesAQuotationMarkThatQuotesNothingAsItIs) {
  EXPECT_EQ(value_of(R"(key = "Yes," he said)"), R"("Yes," he said)");
  EXPECT_EQ(value_of(R"(key = "open)"), R"("open)");
}

TEST(IniScanner, SkipsAByteOrderMark) {
  EXPECT_EQ(scan("\xEF\xBB\xBFkey = a").settings.at(0).key, "key");
}

TEST(IniScanner, GoesOnAfterAMistakeAndTellsEachWithItsLine) {
  const IniFile file =
      scan("[train\nbatch = 4\nclip\n= 5\n[]\n; old\n[model] hidden = 3\nlayers = 1");
  ASSERT_EQ(file.mistakes.size(), 6U);
  const int lines[] = {1, 3, 4, 5, 6, 7};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(file.mistakes[i].line, lines[i]);
    EXPECT_EQ(file.mistakes[i].place, "a.ini:" + std::to_string(lines[i]));
    EXPECT_FALSE(file.mistakes[i].suggestion.empty());
  }
  ASSERT_EQ(file.settings.size(), 2U);
  EXPECT_EQ(file.settings[0].key, "train.batch");
  EXPECT_EQ(file.settings[1].key, "model.layers");
}

TEST(IniScanner, ReadsBackEveryValueThatItWrites) {
  for (const char* value : {"", "plain", " white ", "a # b", "#a", "a=b", "\"quoted\"",
                            "back\\slash", "two\nlines\r\tand \"more\" \\n", "\"open", "ä — é"}) {
    EXPECT_EQ(value_of("key = " + ini_value(value)), value);
    EXPECT_EQ(value_of("key = " + ini_value(value) + "  # comment"), value);
  }
}

}  // namespace
}  // namespace charrnn
