#include "pipeline/run/text_score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

/// A text on disk, a network of its alphabet, and what plain loops say of them.
class TextScoreTest : public ::testing::Test {
 protected:
  void open(const std::string& text, const CorpusOptions& more = {}) {
    const auto file = directory.path() / "text.txt";
    std::ofstream(file, std::ios::binary) << text;
    CorpusOptions options = more;
    options.files = {file.string()};
    options.cache_directory = directory.path() / "cache";
    corpus = Corpus::open(options);
    const NetworkShape shape{static_cast<int>(corpus->vocabulary().size()), 24, 2};
    Weights weights = initial_weights(shape, 7);
    for (float& weight : weights) weight *= 4;  // far from uniform scores
    network = std::make_unique<PackedNetwork>(shape, weights);
  }

  /// One character after another on one row; the state is zeroed in front of what `begins` says.
  TextScore plain(const std::vector<Symbol>& symbols, const std::vector<std::size_t>& begins) {
    const std::size_t v = static_cast<std::size_t>(network->shape().vocabulary);
    RowState state = zero_row_state(network->shape());
    std::vector<float> scores(v);
    TextScore score;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      if (std::count(begins.begin(), begins.end(), i) > 0) state = zero_row_state(network->shape());
      RowState* const row = &state;
      network->advance({&row, 1}, {&symbols[i], 1}, scores);
      double sum = 0;
      for (const float s : scores) sum += std::exp(static_cast<double>(s));
      score.nats += std::log(sum) - scores[symbols[i + 1]];
      ++score.transitions;
    }
    return score;
  }
  std::vector<Symbol> symbols_of(std::string_view text) const {
    std::vector<Symbol> symbols;
    for (const char c : text) {
      symbols.push_back(*corpus->vocabulary().find(static_cast<unsigned char>(c)));
    }
    return symbols;
  }
  static void expect_equal(const TextScore& score, const TextScore& want) {
    EXPECT_EQ(score.transitions, want.transitions);
    EXPECT_NEAR(score.nats, want.nats, 1e-9 * want.nats);
  }

  TemporaryDirectory directory;
  std::shared_ptr<const Corpus> corpus;
  std::unique_ptr<PackedNetwork> network;
};

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i * i) + "\n";
  return text;
}

TEST_F(TextScoreTest, CountsEveryTransitionOnceInOrder) {
  const std::string text = lines(70);
  open(text);
  expect_equal(score_text(*corpus, *network, {}), plain(symbols_of(text), {}));
}

TEST_F(TextScoreTest, ADocumentBeginsFromAZeroedStateAndItsFirstCharacterIsForeseenByTheLastOne) {
  const std::string text = lines(300);
  CorpusOptions options;
  options.documents = DocumentEnd::kLine;
  open(text, options);
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 0 || text[i - 1] == '\n') begins.push_back(i);
  }
  expect_equal(score_text(*corpus, *network, {}), plain(symbols_of(text), begins));
}

TEST_F(TextScoreTest, ATextOfManyPiecesIsOneText) {
  std::string text;
  while (text.size() < (1 << 20) + 1000) text += "abcab" + std::string(text.size() % 7, 'c');
  open(text);
  network = std::make_unique<PackedNetwork>(NetworkShape{3, 4, 1},
                                            initial_weights(NetworkShape{3, 4, 1}, 7));
  expect_equal(score_text(*corpus, *network, {}), plain(symbols_of(text), {}));
}

TEST_F(TextScoreTest, ACharacterMayBeLeftOutOrReplaced) {
  const std::string text = "ab?ba?ab?bba";
  open(text);
  const Symbol strange = *corpus->vocabulary().find('?'), b = *corpus->vocabulary().find('b');
  expect_equal(score_text(*corpus, *network, {.skipped = strange}),
               plain(symbols_of("abbaabbba"), {}));
  expect_equal(score_text(*corpus, *network, {.replaced = strange, .replacement = b}),
               plain(symbols_of("abbbababbbba"), {}));
}

TEST_F(TextScoreTest, AStopEndsIt) {
  open(lines(70));
  const std::atomic<bool> stop{true};
  EXPECT_THROW(score_text(*corpus, *network, {.stop = &stop}), Stopped);
}

}  // namespace
}  // namespace charrnn
