// Any text gives the same batches however it is written down: encoding, newlines, compression, the
// files it is cut into; and however it is read: stripes, threads, credits.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/utf8.h"
#include "nodes/batch_source.h"
#include "nodes/corpus_source.h"
#include "pipeline/graph/graph.h"
#include "tests/corpus/compress.h"
#include "tests/corpus/dice.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

// Words, lines, blank lines, long stretches of one kind. LF is the only line end in it.
std::u32string random_text(Dice& dice, std::size_t size, bool latin1) {
  std::u32string text;
  while (text.size() < size) {
    switch (dice.below(6)) {
      case 0:
        text.append(1 + dice.below(90), static_cast<char32_t>('a' + dice.below(26)));
        break;
      case 1:
        text.append(1 + dice.below(3), U'\n');
        break;
      case 2:
        for (auto n = dice.below(100); n > 0; --n) {
          text.push_back(static_cast<char32_t>(0xA1 + dice.below(latin1 ? 0x5F : 0x700)));
        }
        break;
      case 3:
        for (auto n = latin1 ? 0 : dice.below(40); n > 0; --n) {
          text.push_back(
              static_cast<char32_t>((dice.one_in(3) ? 0x1F600 : 0x4E00) + dice.below(50)));
        }
        break;
      case 4:
        text += U"END";
        break;
      default:
        for (auto n = dice.below(200); n > 0; --n) {
          text.push_back(static_cast<char32_t>(' ' + dice.below(95)));
        }
    }
  }
  return text;
}

// How one copy of the text is written down.
struct Writing {
  Encoding encoding = Encoding::kUtf8;
  bool other_newlines = false;  // CR and CRLF, too
  bool compressed = false;      // some files are
};

void append_utf16(char32_t character, bool big_endian, std::string& out) {
  const auto unit = [&](char32_t value) {
    const char high = static_cast<char>(value >> 8);
    const char low = static_cast<char>(value & 0xFF);
    out += big_endian ? std::string{high, low} : std::string{low, high};
  };
  if (character < 0x10000) return unit(character);
  unit(0xD800 + ((character - 0x10000) >> 10));
  unit(0xDC00 + ((character - 0x10000) & 0x3FF));
}

std::u32string with_other_newlines(Dice& dice, const std::u32string& text) {
  std::u32string out;
  for (const char32_t c : text) {
    // A CR in front of a LF would be one line end with it.
    const bool behind_return = !out.empty() && out.back() == U'\r';
    const std::size_t kind = c != U'\n' ? 0 : behind_return ? 1 + dice.below(2) : dice.below(3);
    if (kind > 0) out += U'\r';
    if (kind != 1) out += c;
  }
  return out;
}

std::string encoded(Dice& dice, const std::u32string& text, Encoding encoding) {
  std::string bytes;
  const bool marked = dice.one_in(2);
  const bool big_endian = encoding == Encoding::kUtf16 && marked && dice.one_in(2);
  const auto append = [&](char32_t c) {
    if (encoding == Encoding::kLatin1) return bytes.push_back(static_cast<char>(c));
    if (encoding == Encoding::kUtf16) return append_utf16(c, big_endian, bytes);
    append_utf8(c, bytes);
  };
  if (marked && encoding != Encoding::kLatin1) append(0xFEFF);
  for (const char32_t c : text) append(c);
  return bytes;
}

std::string maybe_compressed(Dice& dice, const std::string& bytes) {
  switch (dice.below(5)) {
    case 0:
      return gzip(bytes);
    case 1:
      return zstd(bytes);
    case 2:
      return xz(bytes);
    case 3:
      return bzip2(bytes);
    default:
      return bytes;
  }
}

// Writes the text as files cut at `cuts` (ascending), and says which they are.
std::vector<std::string> write_files(Dice& dice, const TemporaryDirectory& folder,
                                     const std::u32string& text, std::vector<std::size_t> cuts,
                                     const Writing& writing) {
  std::vector<std::string> files;
  cuts.push_back(text.size());
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    std::u32string part = text.substr(begin, end - begin);
    if (writing.other_newlines) part = with_other_newlines(dice, part);
    std::string bytes = encoded(dice, part, writing.encoding);
    if (writing.compressed) bytes = maybe_compressed(dice, bytes);
    files.push_back(folder.write(std::to_string(files.size()), bytes));
    begin = end;
  }
  return files;
}

// A run that only notes its batches.
struct Notes : Trainer, SnapshotScorer, RunRecord, CheckpointWriter {
  std::vector<Batch> batches;

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return std::make_shared<DeviceBatch>(std::move(batch));
  }
  void begin(std::shared_ptr<const DeviceBatch> batch) override {
    batches.push_back(batch->host());
  }
  StepDone end() override {
    return {.trained = true, .report = {}, .validation = {}, .checkpoint = {}};
  }
  std::size_t stay_begun(const Batch&) const override { return 0; }
  bool asks_for_validation(const Batch&) const override { return false; }
  void begin(ValidationRequest) override {}
  bool advance() override { return false; }
  std::optional<ValidationResult> result() const override { return std::nullopt; }
  Checkpoints step(const StepDone&) override { return {}; }
  Checkpoints validated(const ValidationResult&) override { return {}; }
  CheckpointOutcome write(const Checkpoint&) override { return {}; }
};

std::vector<Batch> by_the_graph(Dice& dice, const Corpus& corpus, const Lanes& lanes,
                                std::uint64_t end_batch) {
  CorpusSource source(
      corpus, lanes,
      {.stripe_windows = 1 + static_cast<int>(dice.below(9)), .end_batch = end_batch});
  Notes notes;
  StageTimes times;
  Worker compute("compute");
  Worker disk("disk");
  run_graph({.source = source,
             .trainer = notes,
             .validator = notes,
             .recorder = notes,
             .checkpointer = notes},
            {.threads = 1 + static_cast<int>(dice.below(4)),
             .stripe_credits = 2 + static_cast<int>(dice.below(4))},
            {.compute = compute, .validation = compute, .disk = disk}, times);
  return notes.batches;
}

void expect_same_batches(const std::vector<Batch>& got, BatchSource expected) {
  for (const Batch& batch : got) {
    const std::optional<Batch> want = expected.next();
    ASSERT_TRUE(want);
    ASSERT_EQ(batch.index, want->index);
    ASSERT_EQ(batch.starts_epoch, want->starts_epoch);
    ASSERT_TRUE(batch.inputs == want->inputs) << "batch " << batch.index;
    ASSERT_TRUE(batch.targets == want->targets) << "batch " << batch.index;
    ASSERT_TRUE(batch.resets == want->resets) << "batch " << batch.index;
  }
  ASSERT_FALSE(expected.next());
}

CorpusOptions random_options(Dice& dice, const TemporaryDirectory& folder) {
  CorpusOptions options;
  options.documents = static_cast<DocumentEnd>(dice.below(kWords<DocumentEnd>.size()));
  options.separator = "END";
  options.min_count = dice.below(3);
  options.cache_directory = folder.path() / "cache";
  return options;
}

Writing random_writing(Dice& dice, bool latin1) {
  Writing writing;
  writing.encoding = dice.one_in(3)             ? Encoding::kUtf16
                     : latin1 && dice.one_in(2) ? Encoding::kLatin1
                                                : Encoding::kUtf8;
  writing.other_newlines = dice.one_in(2);
  writing.compressed = dice.one_in(3);
  return writing;
}

void check(unsigned seed, std::size_t size, int length) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  const TemporaryDirectory plain_folder;
  const TemporaryDirectory folder;
  const bool latin1 = dice.one_in(3);
  const std::u32string text = random_text(dice, size, latin1);
  std::vector<std::size_t> cuts;
  for (auto n = dice.below(6); n > 0; --n) cuts.push_back(dice.below(text.size() + 1));
  std::sort(cuts.begin(), cuts.end());

  CorpusOptions options = random_options(dice, folder);
  const bool one_file = options.documents != DocumentEnd::kFile;
  options.files =
      write_files(dice, plain_folder, text, one_file ? std::vector<std::size_t>() : cuts, {});
  const auto plain = Corpus::open(options);
  ASSERT_EQ(plain->characters(), text.size());
  const Writing writing = random_writing(dice, latin1);
  options.encoding = writing.encoding;
  options.files = write_files(dice, folder, text, cuts, writing);
  const auto corpus = Corpus::open(options);
  ASSERT_EQ(corpus->characters(), text.size());
  ASSERT_TRUE(corpus->vocabulary() == plain->vocabulary());

  const std::uint64_t first = dice.below(text.size() / 8);
  const Lanes lanes{.text = {.first = first, .count = text.size() - first},
                    .rows = 1 + static_cast<int>(dice.below(7)),
                    .length = length,
                    .shuffle_block = dice.one_in(2) ? 0 : 1 + dice.below(3 * text.size() / 20),
                    .seed = seed};
  const std::uint64_t end = 2 * lanes.windows();
  expect_same_batches(by_the_graph(dice, *corpus, lanes, end),
                      BatchSource(*plain, lanes, {.stripe_windows = 1, .end_batch = end}));
}

TEST(AnyText, GivesTheSameBatchesInAnyFormFilesStripesAndThreads) {
  for (unsigned seed = 0; seed < 100 && !HasFailure(); ++seed) {
    check(seed, 50 + seed * 31 % 3000, 1 + static_cast<int>(seed % 30));
  }
}

TEST(AnyText, GivesTheSameBatchesWhenItIsLongerThanTheIndexsBlocks) {
  for (unsigned seed = 1000; seed < 1012 && !HasFailure(); ++seed) check(seed, 250000, 997);
}

}  // namespace
}  // namespace charrnn
