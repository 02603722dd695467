#include "pipeline/commands/batch_text.h"

#include <gtest/gtest.h>

#include "nodes/batch_source.h"
#include "tests/nodes/memory_corpus.h"

namespace charrnn {
namespace {

std::string shown(const Corpus& corpus, const Lanes& lanes, std::uint64_t number, int rows = 0) {
  BatchSource source(corpus, lanes,
                     {.stripe_windows = 1, .first_batch = number, .end_batch = number + 1});
  return BatchText(corpus, lanes)(source.next().value(), rows);
}

TEST(BatchText, TellsRowsPlacesAndTheLastTarget) {
  const MemoryCorpus corpus("abcdefghijklmnop");
  const Lanes lanes{.text = {0, 16}, .rows = 2, .length = 4};
  EXPECT_EQ(shown(corpus, lanes, 0),
            "batch 0 (epoch 1, window 1 of 2): 2 rows x 4 characters\n"
            "  row 0, character 0 of its lane\n"
            "    memory: character 0, byte 0; the state is zeroed before it\n"
            "      \"abcd\"\n"
            "      and the target of the last one is \"e\"\n"
            "  row 1, character 0 of its lane\n"
            "    memory: character 8, byte 8; the state is zeroed before it\n"
            "      \"ijkl\"\n"
            "      and the target of the last one is \"m\"\n");
  // The lane's last target is its first character.
  EXPECT_EQ(shown(corpus, lanes, 3, 1),
            "batch 3 (epoch 2, window 2 of 2): 2 rows x 4 characters; rows shown: 1\n"
            "  row 0, character 4 of its lane\n"
            "    memory: character 4, byte 4\n"
            "      \"efgh\"\n"
            "      and the target of the last one is \"a\"\n");
}

TEST(BatchText, WritesWhatCannotBeSeenAsEscapes) {
  const MemoryCorpus corpus("\n\t\r\x01\\\"a a");
  const Lanes lanes{.text = {0, 8}, .rows = 1, .length = 8};
  EXPECT_NE(shown(corpus, lanes, 0).find("\"\\n\\t\\r\\u{0001}\\\\\\\"a \""), std::string::npos)
      << shown(corpus, lanes, 0);
}

TEST(BatchText, PartsARowWhereItsTextJumps) {
  const MemoryCorpus corpus("aaaabbbbccccdddd");
  const Lanes lanes{.text = {0, 16}, .rows = 1, .length = 16, .shuffle_block = 4, .seed = 1};
  const std::string text = shown(corpus, lanes, 0);
  for (const char* part : {"character 0, byte 0; the state is zeroed before it\n      \"aaaa\"\n"
                           "      and the target of the last one is \"b\"\n",
                           "character 12, byte 12; the state is zeroed before it\n      \"dddd\"\n"
                           "      and the target of the last one is \"a\"\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

class TwoFiles : public MemoryCorpus {
 public:
  using MemoryCorpus::MemoryCorpus;
  std::vector<std::filesystem::path> files() const override { return {"one", "empty", "two"}; }
  std::vector<std::uint64_t> file_starts() const override { return {0, 3, 3}; }
  Position locate(std::uint64_t character) const override {
    if (character < 3) return {character, 0, character};
    return {character, 2, character - 3};
  }
  void read(Position& at, std::uint64_t count, std::string& out) const override {
    Position within{at.character, 0, at.character};
    MemoryCorpus::read(within, count, out);
    at = locate(within.character);
  }
};

TEST(BatchText, PartsARowWhereAnotherFileBegins) {
  const TwoFiles corpus("abcdefgh");
  const Lanes lanes{.text = {0, 8}, .rows = 1, .length = 8};
  EXPECT_EQ(shown(corpus, lanes, 0),
            "batch 0 (epoch 1, window 1 of 1): 1 rows x 8 characters\n"
            "  row 0, character 0 of its lane\n"
            "    one: character 0, byte 0; the state is zeroed before it\n"
            "      \"abc\"\n"
            "    two: character 0, byte 0\n"
            "      \"defgh\"\n"
            "      and the target of the last one is \"a\"\n");
}

}  // namespace
}  // namespace charrnn
