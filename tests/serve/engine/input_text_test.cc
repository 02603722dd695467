// What a row reads: documents as in training, and going on from where a text ended.
#include "serve/engine/input_text.h"

#include <span>

#include "model/backend.h"
#include "serve/engine/row.h"
#include "tests/serve/engine/engine_fixture.h"

namespace charrnn {
namespace {

std::shared_ptr<const Snapshot> snapshot_of_lines() {
  Snapshot snapshot = *small_snapshot(3);
  Vocabulary vocabulary = *snapshot.vocabulary;
  vocabulary.set_reading({.documents = {DocumentEnd::kLine}});
  snapshot.vocabulary = std::make_shared<const Vocabulary>(std::move(vocabulary));
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

const std::string kLines = "once upon\na time\n\nthere was a line\nthat ended";

// The cross-entropy that a training would report of a text, its first character in a zero state.
double loss_in_training(const Snapshot& snapshot, const std::string& text) {
  const auto symbols = read_symbols(text, *snapshot.vocabulary);
  Batch batch{.starts_epoch = true, .rows = 1, .length = static_cast<int>(symbols.size() - 1)};
  batch.inputs.assign(symbols.begin(), symbols.end() - 1);
  batch.targets.assign(symbols.begin() + 1, symbols.end());
  batch.resets.assign(batch.inputs.size(), 0);
  for (std::size_t i = 1; i < batch.inputs.size(); ++i) batch.resets[i] = text[i - 1] == '\n';
  const auto backend = make_fused_backend(fresh_state(snapshot.network, 1, *snapshot.weights), {});
  return backend->scorer(snapshot.weights)->score(batch);
}

TEST_F(EngineTest, AModelOfLinesIsAsSurprisedAsItsTrainingWas) {
  const auto snapshot = snapshot_of_lines();
  Engine engine(options_, tell);
  auto generation = generation_of(snapshot, kLines, 0, 1);
  generation.logprobs = 0;
  generation.score_prompt = true;
  Taker taker(std::move(generation));
  ASSERT_TRUE(engine.submit({taker.stream}));
  double nats = 0.0;
  for (const auto& score : taker.take_all(engine).scores) nats -= score.logprob.value_or(0.0F);
  EXPECT_NEAR(nats / static_cast<double>(kLines.size() - 1), loss_in_training(*snapshot, kLines),
              1e-5);
}

// Reads a text and chooses the most probable characters, the plain way.
std::string plain_continuation(const Snapshot& snapshot, const std::string& prompt, int length) {
  const PackedNetwork network(snapshot.network, *snapshot.weights);
  std::vector<float> scores(static_cast<std::size_t>(snapshot.network.vocabulary));
  RowState state = zero_row_state(snapshot.network);
  std::string text;
  const auto read = [&](char c) {
    if (text.ends_with('\n')) state = zero_row_state(snapshot.network);
    text += c;
    RowState* const place = &state;
    const Symbol symbol = snapshot.vocabulary->find(static_cast<char32_t>(c)).value();
    network.advance({&place, 1}, {&symbol, 1}, scores);
  };
  for (const char c : prompt) read(c);
  const std::size_t read_first = text.size();
  for (int i = 0; i < length; ++i) {
    const auto best = std::max_element(scores.begin(), scores.begin() + 28) - scores.begin();
    read(static_cast<char>(snapshot.vocabulary->characters()[static_cast<std::size_t>(best)]));
  }
  return text.substr(read_first);
}

std::vector<Symbol> ascii_symbols() {
  std::vector<Symbol> symbols(28);
  for (Symbol i = 0; i < 28; ++i) symbols[i] = i;
  return symbols;
}

class LinesTest : public EngineTest {
 protected:
  Generation most_probable(const std::string& prompt, std::uint64_t length) {
    Generation generation = generation_of(lines_, prompt, length, 1);
    generation.sampling.temperature = 0;
    generation.sampling.allowed = ascii_symbols();
    return generation;
  }
  Piece made(Generation generation) {
    Taker taker(std::move(generation));
    EXPECT_TRUE(engine_.submit({taker.stream}));
    Piece piece = taker.take_all(engine_);
    where_ = taker.stream->where();
    return piece;
  }
  std::shared_ptr<const Snapshot> lines_ = snapshot_of_lines();
  Engine engine_{options_, tell};
  std::shared_ptr<const TextState> where_;
};

TEST_F(LinesTest, EachLineBeginsAnewInThePromptAndInTheText) {
  for (const std::string prompt : {"once", "a\nb", "two\nlines\n", "\n\n\n"}) {
    EXPECT_EQ(made(most_probable(prompt, 80)).text, plain_continuation(*lines_, prompt, 80))
        << prompt;
  }
}

TEST_F(LinesTest, ATextFromNothingBeginsWhereALineDoes) {
  EXPECT_EQ(made(most_probable("", 80)).text, plain_continuation(*lines_, "\n", 80));
}

TEST_F(LinesTest, ATextGoesOnWhereItEndedAcrossLines) {
  const std::string whole = made(most_probable("once\nupon", 600)).text;
  std::string parts;
  std::string prompt = "once\nupon";
  for (const std::uint64_t length : {1, 7, 300, 1, 200, 91}) {
    Generation part = most_probable(prompt, length);
    part.keep_state = true;
    part.from = where_;
    if (parts.empty()) part.from = nullptr;
    parts += made(std::move(part)).text;
    ASSERT_NE(where_, nullptr);
    prompt.clear();
  }
  EXPECT_EQ(parts, whole);
}

TEST_F(LinesTest, AfterAStopTextATextGoesOnFromWhatItsClientHas) {
  const std::string whole = made(most_probable("once", 900)).text;
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{1}, std::size_t{300}, std::size_t{801}}) {
    Generation first = most_probable("once", 900);
    first.keep_state = true;
    first.min_tokens = at;
    first.stop = {whole.substr(at, 3)};
    const Piece begun = made(first);
    ASSERT_EQ(begun.finish, Finish::kStop);
    ASSERT_EQ(begun.text, whole.substr(0, at));
    Generation rest = most_probable("", 900 - at);
    rest.from = where_;
    EXPECT_EQ(made(rest).text, whole.substr(at)) << at;
  }
}

TEST_F(EngineTest, NothingGoesOnFromHalfACharacter) {
  const auto snapshot = byte_snapshot(5);
  Engine engine(options_, tell);
  for (std::uint64_t length = 1; length < 40; ++length) {
    auto generation = generation_of(snapshot, "a", length, 9);
    generation.keep_state = true;
    generation.logprobs = 0;
    Taker taker(generation);
    ASSERT_TRUE(engine.submit({taker.stream}));
    const Piece all = taker.take_all(engine);
    const auto where = taker.stream->where();
    std::string known;
    for (const Symbol symbol : where->text) snapshot->vocabulary->append(symbol, known);
    Utf8Gate gate;
    std::string whole;
    gate.push(known, whole);
    // A byte that turned out to begin no character was given as such.
    if (gate.waits()) whole += "\uFFFD";
    EXPECT_EQ(whole, "a" + all.text) << length;
    EXPECT_EQ(all.scores.size(), where->text.size() - 1) << length;
  }
}

}  // namespace
}  // namespace charrnn
