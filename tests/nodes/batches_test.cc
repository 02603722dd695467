#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "base/permutation.h"
#include "nodes/batch_source.h"
#include "nodes/corpus_source.h"
#include "tests/nodes/memory_corpus.h"

namespace charrnn {
namespace {

// The lecture's get_batches, in memory and by its own definition: full batches only, rows of equal
// stretches, windows of T, targets one further, the very last one wrapped to its row's first.
std::vector<Batch> plain_batches(const MemoryCorpus& corpus, CharacterRange range, int rows,
                                 int length, int epochs) {
  std::vector<Symbol> all;
  for (std::uint64_t i = 0; i < range.count; ++i)
    all.push_back(corpus.symbol(corpus.text()[range.first + i]));
  const std::size_t per_batch = static_cast<std::size_t>(rows) * static_cast<std::size_t>(length);
  const std::size_t count = all.size() / per_batch;
  const std::size_t lane = count * static_cast<std::size_t>(length);
  std::vector<Batch> batches;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    for (std::size_t window = 0; window < count; ++window) {
      Batch batch;
      batch.index = batches.size();
      batch.epoch = static_cast<std::uint64_t>(epoch);
      batch.starts_epoch = window == 0;
      for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
        for (std::size_t t = 0; t < static_cast<std::size_t>(length); ++t) {
          const std::size_t at = window * static_cast<std::size_t>(length) + t;
          batch.inputs.push_back(all[row * lane + at]);
          batch.targets.push_back(all[row * lane + (at + 1 == lane ? 0 : at + 1)]);
        }
      }
      batches.push_back(batch);
    }
  }
  return batches;
}

void expect_same(const Batch& got, const Batch& want) {
  EXPECT_EQ(got.index, want.index);
  EXPECT_EQ(got.epoch, want.epoch);
  EXPECT_EQ(got.starts_epoch, want.starts_epoch);
  EXPECT_EQ(got.inputs, want.inputs);
  EXPECT_EQ(got.targets, want.targets);
  EXPECT_EQ(got.resets, want.resets);
}

std::vector<Batch> streamed(const Corpus& corpus, const Lanes& lanes,
                            const ReaderOptions& options) {
  BatchSource source(corpus, lanes, options);
  std::vector<Batch> batches;
  while (auto batch = source.next()) batches.push_back(*batch);
  return batches;
}

TEST(Batches, EqualTheLecturesForAnyTextBatchLengthAndStripe) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto size = 1 + random() % 700;
    const MemoryCorpus corpus(varied_text(size, 1 + random() % 26, random()));
    const int rows = 1 + static_cast<int>(random() % 7);
    const int length = 1 + static_cast<int>(random() % 11);
    const CharacterRange range = training_range(size, 0.1);
    const Lanes lanes{.text = range, .rows = rows, .length = length};
    if (lanes.windows() == 0) continue;
    const auto want = plain_batches(corpus, range, rows, length, 2);
    const auto got = streamed(corpus, lanes,
                              {.stripe_windows = 1 + static_cast<int>(random() % 9),
                               .first_batch = 0,
                               .end_batch = 2 * lanes.windows()});
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i) expect_same(got[i], want[i]);
  }
}

// The text in the order of one epoch: shuffled, its blocks one after the other, then what fills
// none.
std::vector<std::uint64_t> order_of_epoch(const Lanes& lanes, std::uint64_t epoch) {
  const std::uint64_t size = std::max<std::uint64_t>(1, lanes.shuffle_block);
  const std::uint64_t blocks = lanes.shuffle_block == 0 ? 0 : lanes.text.count / size;
  const Permutation block_at(blocks, lanes.seed, epoch - 1);
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    for (std::uint64_t k = 0; k < size; ++k) order.push_back(block_at(i) * size + k);
  }
  for (std::uint64_t i = blocks * size; i < lanes.text.count; ++i) order.push_back(i);
  for (std::uint64_t& character : order) character += lanes.text.first;
  return order;
}

// The batches by their definition, from the whole text in memory. `begins`: those characters of the
// text that begin a document.
class PlainBatches {
 public:
  PlainBatches(const MemoryCorpus& corpus, const Lanes& lanes, std::vector<bool> begins)
      : corpus_(corpus), lanes_(lanes), begins_(std::move(begins)) {
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
      orders_.push_back(order_of_epoch(lanes, epoch));
    }
  }

  Batch operator()(std::uint64_t number) const {
    Batch batch;
    batch.index = number;
    batch.epoch = 1 + number / lanes_.windows();
    batch.starts_epoch = number % lanes_.windows() == 0;
    const auto& order = orders_[batch.epoch - 1];
    for (std::uint64_t row = 0; row < static_cast<std::uint64_t>(lanes_.rows); ++row) {
      const std::uint64_t lane = row * lanes_.lane_length();
      const auto length = static_cast<std::uint64_t>(lanes_.length);
      for (std::uint64_t t = 0; t < length; ++t) {
        const std::uint64_t place = lane + number % lanes_.windows() * length + t;
        const bool block = lanes_.shuffle_block > 0 && place % lanes_.shuffle_block == 0;
        batch.inputs.push_back(symbol(order[place]));
        batch.targets.push_back(symbol(target(order, place, lane)));
        batch.resets.push_back(block || begins_[order[place]] ? 1 : 0);
      }
    }
    if (std::count(batch.resets.begin(), batch.resets.end(), 1) == 0) batch.resets.clear();
    return batch;
  }

 private:
  Symbol symbol(std::uint64_t character) const { return corpus_.symbol(corpus_.text()[character]); }
  std::uint64_t target(const std::vector<std::uint64_t>& order, std::uint64_t place,
                       std::uint64_t lane) const {
    if (lanes_.shuffle_block == 0) {
      return place + 1 == lane + lanes_.lane_length() ? order[lane] : order[place + 1];
    }
    const std::uint64_t next = order[place] + 1;
    return next == lanes_.text.first + lanes_.text.count ? lanes_.text.first : next;
  }

  const MemoryCorpus& corpus_;
  Lanes lanes_;
  std::vector<bool> begins_;
  std::vector<std::vector<std::uint64_t>> orders_;
};

Lanes random_lanes(std::mt19937& random, std::uint64_t size) {
  const std::uint64_t first = random() % (size / 5 + 1);
  return {.text = {.first = first, .count = size - first - random() % (size - first)},
          .rows = 1 + static_cast<int>(random() % 7),
          .length = 1 + static_cast<int>(random() % 11),
          .shuffle_block = random() % 3 == 0 ? 0 : 1 + random() % 40,
          .seed = random()};
}

// Batches from anywhere to the third epoch's end, in stripes of any size, are the plain ones.
void expect_plain_batches(std::mt19937& random, const MemoryCorpus& corpus,
                          const std::vector<bool>& begins) {
  const Lanes lanes = random_lanes(random, corpus.characters());
  const PlainBatches plain(corpus, lanes, begins);
  const std::uint64_t end = 3 * lanes.windows();
  const ReaderOptions options{.stripe_windows = 1 + static_cast<int>(random() % 9),
                              .first_batch = end == 0 ? 0 : random() % end,
                              .end_batch = end};
  const auto got = streamed(corpus, lanes, options);
  ASSERT_EQ(got.size(), end - options.first_batch);
  for (const Batch& batch : got) expect_same(batch, plain(batch.index));
}

TEST(Batches, HoldTheBlocksOfTheTextInTheOrderOfTheirEpoch) {
  std::mt19937 random(8);
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    const auto size = 1 + random() % 900;
    const MemoryCorpus corpus(varied_text(size, 1 + random() % 26, random()));
    expect_plain_batches(random, corpus, std::vector<bool>(size));
  }
}

std::string lines_of_text(std::mt19937& random) {
  std::string text;
  for (auto parts = 1 + random() % 200; parts > 0; --parts) {
    constexpr std::array<const char*, 9> kParts = {"a",  "b",    "ab",     "\n",      "\n\n",
                                                   "\r", "\r\n", "\n\n\n", "\r\n\r\n"};
    text += kParts[random() % kParts.size()];
  }
  return text;
}

// Reads from begin to end, counting line ends.
std::vector<bool> plain_blank_lines(const std::string& text) {
  std::vector<bool> begins(text.size());
  int line_ends = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line_ends;
    } else if (text.compare(i, 2, "\r\n") != 0) {
      begins[i] = line_ends >= 2 && text[i] != '\r';
      line_ends = 0;
    }
  }
  return begins;
}

TEST(Batches, ResetWhereALineFollowsBlankOnesWhateverTheStripesAndTheOrder) {
  std::mt19937 random(9);
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    const MemoryCorpus corpus(lines_of_text(random), {.end = DocumentEnd::kBlankLine});
    expect_plain_batches(random, corpus, plain_blank_lines(corpus.text()));
  }
}

TEST(Batches, ResetBehindEverySeparatorWhateverTheStripesAndTheOrder) {
  std::mt19937 random(10);
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    constexpr std::array<const char*, 5> kSeparators = {"a", "ab", "aa", "a\n\nb", "abababab"};
    const std::string separator = kSeparators[random() % kSeparators.size()];
    const MemoryCorpus corpus(lines_of_text(random) + "a\n\nb",
                              {.end = DocumentEnd::kSeparator, .separator = separator});
    std::vector<bool> begins(corpus.characters() + 1);
    for (std::size_t at = 0; (at = corpus.text().find(separator, at)) != std::string::npos; ++at) {
      begins[at + separator.size()] = true;
    }
    expect_plain_batches(random, corpus, begins);
  }
}

TEST(Batches, ResetWhereAFileBeginsWhateverTheStripesAndTheOrder) {
  std::mt19937 random(11);
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    const auto size = 1 + random() % 400;
    std::vector<std::uint64_t> starts = {0};
    std::vector<bool> begins(size + 1);
    while (starts.back() < size) {
      begins[starts.back()] = true;
      starts.push_back(std::min<std::uint64_t>(size, starts.back() + random() % 30));
    }
    const MemoryCorpus corpus(varied_text(size, 20, random()), {.end = DocumentEnd::kFile}, starts);
    expect_plain_batches(random, corpus, begins);
  }
}

TEST(Stretches, OfAnEpochHoldEveryCharacterThatFillsABatchOnceWhateverTheirOrder) {
  for (const std::uint64_t block : {0, 1, 7, 30, 41, 1000}) {
    const Lanes lanes{
        .text = {.first = 5, .count = 600}, .rows = 4, .length = 10, .shuffle_block = block};
    std::vector<std::uint64_t> seen;
    for (int row = 0; row < lanes.rows; ++row) {
      for (const Stretch& stretch :
           stretches(lanes, row, 2, 0, static_cast<int>(lanes.windows()))) {
        for (std::uint64_t i = 0; i < stretch.count; ++i) seen.push_back(stretch.first + i);
      }
    }
    std::sort(seen.begin(), seen.end());
    ASSERT_EQ(seen.size(), 600U);
    EXPECT_EQ(seen.front(), 5U);
    EXPECT_EQ(seen.back(), 604U);
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end()) << block;
  }
}

TEST(Batches, GoOnAtAnySequenceNumberAsIfNeverStopped) {
  const MemoryCorpus corpus(varied_text(500, 20, 3));
  const Lanes lanes{.text = {.first = 20, .count = 460}, .rows = 3, .length = 7};
  const std::uint64_t end = 3 * lanes.windows();
  const auto whole =
      streamed(corpus, lanes, {.stripe_windows = 4, .first_batch = 0, .end_batch = end});
  for (std::uint64_t first = 0; first <= end; ++first) {
    const auto rest =
        streamed(corpus, lanes, {.stripe_windows = 5, .first_batch = first, .end_batch = end});
    ASSERT_EQ(rest.size(), end - first);
    for (std::size_t i = 0; i < rest.size(); ++i) expect_same(rest[i], whole[first + i]);
  }
}

TEST(Batches, EndExactlyOneOfAStripe) {
  const MemoryCorpus corpus(varied_text(400, 20, 5));
  const Lanes lanes{.text = {.first = 0, .count = 400}, .rows = 2, .length = 10};
  const auto batches =
      streamed(corpus, lanes, {.stripe_windows = 3, .first_batch = 0, .end_batch = 20});
  for (const Batch& batch : batches) {
    EXPECT_EQ(batch.ends_stripe, batch.index % 3 == 2 || batch.index == 19) << batch.index;
  }
}

TEST(CorpusSource, EndsWhenTheRunIsToStop) {
  const MemoryCorpus corpus(varied_text(400, 20, 5));
  const Lanes lanes{.text = {.first = 0, .count = 400}, .rows = 2, .length = 10};
  std::atomic<bool> stop{false};
  const Ending ending(stop);
  CorpusSource source(corpus, lanes, {.stripe_windows = 1, .first_batch = 0, .end_batch = 20},
                      &ending);
  EXPECT_TRUE(source.read());
  stop = true;
  EXPECT_FALSE(source.read());
}

TEST(Encoder, RefusesTextThatIsNotWhatTheIndexSays) {
  const MemoryCorpus corpus("abcabcabc");
  TextStripe stripe{.span = {.windows = 1, .rows = 1, .length = 4},
                    .bytes = "abca",
                    .pieces = {{.characters = 4, .end = 3, .target_apart = true, .target_end = 4}}};
  EXPECT_THROW(Encoder{corpus}(stripe), Error);
}

}  // namespace
}  // namespace charrnn
