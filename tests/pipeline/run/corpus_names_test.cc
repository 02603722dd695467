#include "pipeline/run/corpus_names.h"

#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/config/config_text.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

using Names = std::vector<std::string>;

TEST(CorpusNames, LeaveOutTheFoldersOfTheMachine) {
  EXPECT_EQ(corpus_names({"/home/anna/book.txt", "texts/**/*.txt", "more/", "@list.txt", "-"}),
            (Names{"book.txt", "*.txt", "more", "@list.txt", "standard input"}));
}

TEST(CorpusNames, OfARunAreThoseOfItsConfiguration) {
  const TemporaryDirectory run;
  Config config;
  config.corpus.files = {"/texts/a b.txt", "/texts/c.txt"};
  std::ofstream(run.path() / "config.ini") << to_ini(config, run.path());
  EXPECT_EQ(corpus_names_of_run(run.path()), (Names{"a b.txt", "c.txt"}));
}

TEST(CorpusNames, OfADirectoryWithoutAConfigurationAreNotKnown) {
  const TemporaryDirectory nothing;
  EXPECT_EQ(corpus_names_of_run(nothing.path()), Names{});
}

}  // namespace
}  // namespace charrnn
