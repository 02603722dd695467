#include <gtest/gtest.h>

#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

// A configuration with one typo: the line that it stands on and what has to be suggested.
struct Typo {
  const char* text;
  int line;
  const char* suggestion;
};

void PrintTo(const Typo& typo, std::ostream* out) { *out << typo.suggestion; }

class ConfigTypos : public testing::TestWithParam<Typo> {};

TEST_P(ConfigTypos, AreToldWithTheirLineAndASuggestion) {
  const ConfigFolder folder;
  const auto file = folder.write("typo.ini", GetParam().text);
  const std::string text = complaint({file, {}, {}});
  const std::string place = "\n  " + file.string() + ":" + std::to_string(GetParam().line) + ": ";
  EXPECT_EQ(text.rfind("a mistake in the configuration:" + place, 0), 0U) << text;
  EXPECT_TRUE(text.ends_with(GetParam().suggestion)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Twenty, ConfigTypos,
    testing::Values(
        Typo{"[corpus]\nfile = a.txt\n", 2, "did you mean corpus.files?"},
        Typo{"[corpus]\nencodign = utf-8\n", 2, "did you mean corpus.encoding?"},
        Typo{"[corpus]\nencoding = UTF8\n", 2, "did you mean utf-8?"},
        Typo{"[corpus]\nnewlines = univeral\n", 2, "did you mean universal?"},
        Typo{"[corpus]\n\nvalidation_fraction = 10%\n", 3, "for example validation_fraction = 0.1"},
        Typo{"[corpsu]\nfiles = a.txt\n", 1, "did you mean corpus?"},
        Typo{"[model]\nhiden = 256\n", 2, "did you mean model.hidden?"},
        Typo{"[model]\nlayers = two\n", 2, "for example layers = 2"},
        Typo{"[model]\ndropout = 1.5\n", 2, "it may be from 0, below 1"},
        Typo{"[model]\nbatch = 64\n", 2, "did you mean train.batch?"},
        Typo{"[train]\nbatch_size = 64\n", 2, "did you mean train.batch?"},
        Typo{"[train]\nsequence_lenght = 64\n", 2, "did you mean train.sequence_length?"},
        Typo{"[train]\nlearning_rate = 0,001\n", 2, "for example learning_rate = 0.001"},
        Typo{"[train]\nmax-steps = 10\n", 2, "did you mean train.max_steps?"},
        Typo{"[train]\nclip: 5\n", 2, "write key = value"},
        Typo{"[train\nclip = 5\n", 1, "for example [train]"},
        Typo{"[train]\nseed = 1\nbatch = 4\nseed = 2\n", 4, "keep one of the two"},
        Typo{"[runtime]\ndevice = cdua\n", 2, "did you mean cuda?"},
        Typo{"[serve]\nport = 77070\n", 2, "it may be 0 to 65535"},
        Typo{"[serve]\nenabled = ture\n", 2, "write enabled = true or false"},
        Typo{"; a comment\n[serve]\n", 1, "comments begin with #"},
        Typo{"[generate]\ntopk = 5\n", 2, "did you mean generate.top_k?"},
        Typo{"[generate]\ntemprature = 0.8\n", 2, "did you mean generate.temperature?"},
        Typo{"train.epoch = 3\n", 1, "did you mean train.epochs?"}));

}  // namespace
}  // namespace charrnn
