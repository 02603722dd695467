#include "pipeline/run/stored_reading.h"

#include <gtest/gtest.h>

#include "pipeline/config/config_text.h"

namespace charrnn {
namespace {

TEST(StoredReading, IsThatOfTheConfigurationThatACheckpointKeeps) {
  Config config;
  EXPECT_EQ(stored_reading(to_ini(config, ".")), TextReading{});
  config.corpus.newlines = Newlines::kKeep;
  config.corpus.normalise = NormalForm::kNfc;
  config.corpus.documents = DocumentEnd::kSeparator;
  config.corpus.separator = " \n# \"end\"\t";
  EXPECT_EQ(stored_reading(to_ini(config, ".")),
            (TextReading{.universal = false,
                         .compose = true,
                         .documents = {DocumentEnd::kSeparator, " \n# \"end\"\t"}}));
}

TEST(StoredReading, OfAFileWithoutTheKeysIsTheDefault) {
  EXPECT_EQ(stored_reading("[train]\nbatch = 3\n"), TextReading{});
  EXPECT_FALSE(stored_reading("[corpus]\nencoding = bytes\n").universal);
}

}  // namespace
}  // namespace charrnn
