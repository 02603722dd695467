// What stands before a document's begin must change nothing behind it: no loss, no gradient, no bit
// of the carried state.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/backend.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 37, .hidden = 48, .layers = 2};
constexpr int kRows = 5;
constexpr int kLength = 23;

// Where each row's document begins: at a window's first character, inside of it, at its last.
constexpr int kBegins[kRows] = {0, 1, 9, 16, kLength - 1};

class DocumentLeak : public ::testing::TestWithParam<std::string> {
 protected:
  static std::unique_ptr<Backend> backend(int rows = kRows) {
    const TrainState start = random_start(kShape, rows);
    return GetParam() == "torch" ? make_torch_backend(start, Device::kCpu, {})
                                 : make_fused_backend(start, {.kernel_threads = 2});
  }
};

Symbol drawn(std::uint64_t seed, std::size_t element) {
  return random_symbol(seed, 99, element, kShape.vocabulary);
}

/// A window in which the inputs and targets before each row's begin are those of `before`.
Batch window_of(std::uint64_t before, bool resets = true) {
  Batch batch = random_batch(3, kShape.vocabulary, kRows, kLength);
  batch.starts_epoch = false;
  if (resets) batch.resets.assign(batch.inputs.size(), 0);
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto begin = static_cast<std::size_t>(kBegins[row]);
    for (std::size_t t = 0; t < begin; ++t) {
      const std::size_t element = row * kLength + t;
      batch.inputs[element] = drawn(before, element);
      batch.targets[element] = drawn(before + 1, element);
    }
    if (resets) batch.resets[row * kLength + begin] = 1;
  }
  return batch;
}

/// A step that changes the carried state alone.
StepResult look(Backend& backend, const Batch& batch, float dropout = 0.0F) {
  return backend.begin(backend.transfer(batch),
                       {.step = 1, .seed = 5, .dropout = dropout, .learning_rate = 0.0F})();
}

struct Seen {
  double loss = 0;
  Weights gradients;
  std::vector<CarriedTensor> carried;

  bool operator==(const Seen&) const = default;
};

/// The window after one in which documents begin behind the text `before`.
Seen behind(Backend& backend, std::uint64_t before, bool resets, float dropout) {
  look(backend, random_batch(before, kShape.vocabulary, kRows, 7), dropout);
  look(backend, window_of(before, resets), dropout);
  Seen seen;
  seen.carried = backend.state().carried;
  seen.loss = look(backend, random_batch(4, kShape.vocabulary, kRows, kLength, 50), dropout).loss;
  seen.gradients = backend.gradients();
  return seen;
}

TEST_P(DocumentLeak, NoBitBehindAWindowKnowsWhatWasBeforeTheBegin) {
  for (const float dropout : {0.0F, 0.4F}) {
    const auto one = backend();
    const auto other = backend();
    EXPECT_TRUE(behind(*one, 11, true, dropout) == behind(*other, 12, true, dropout));
    EXPECT_FALSE(behind(*one, 11, false, dropout) == behind(*other, 12, false, dropout));
  }
}

/// Characters [from, to) of one row as a window of its own.
Batch part(const Batch& batch, std::size_t row, int from, int to, bool starts) {
  Batch cut;
  cut.rows = 1;
  cut.length = to - from;
  cut.starts_epoch = starts;
  const auto at = static_cast<std::ptrdiff_t>(row) * kLength;
  cut.inputs.assign(batch.inputs.begin() + at + from, batch.inputs.begin() + at + to);
  cut.targets.assign(batch.targets.begin() + at + from, batch.targets.begin() + at + to);
  return cut;
}

/// Sums of losses and gradients over characters.
struct Sums {
  double loss = 0;
  Weights gradients = Weights(parameter_count(kShape), 0.0F);

  void add(Backend& backend, const Batch& batch) {
    const auto characters = static_cast<float>(batch.inputs.size());
    loss += look(backend, batch).loss * characters;
    const Weights more = backend.gradients();
    for (std::size_t i = 0; i < more.size(); ++i) gradients[i] += characters * more[i];
  }
};

TEST_P(DocumentLeak, LossesAndGradientsOfAWindowAreThoseOfItsDocumentsAlone) {
  const Batch batch = window_of(21);
  Sums whole;
  whole.add(*backend(), batch);
  Sums parts;
  for (std::size_t row = 0; row < kRows; ++row) {
    const int begin = kBegins[row];
    if (begin > 0) parts.add(*backend(1), part(batch, row, 0, begin, true));
    parts.add(*backend(1), part(batch, row, begin, kLength, true));
  }
  EXPECT_NEAR(whole.loss / parts.loss, 1.0, 1e-6);
  EXPECT_LT(relative_distance(whole.gradients, parts.gradients), 1e-5);
  Sums leaking;
  leaking.add(*backend(), window_of(21, false));
  EXPECT_GT(relative_distance(leaking.gradients, parts.gradients), 1e-3);
}

TEST_P(DocumentLeak, AScoreBehindAWindowDoesNotKnowWhatWasBeforeTheBegin) {
  const auto scored = [&](std::uint64_t before, bool resets) {
    const auto scorer = backend()->scorer(std::make_shared<Weights>(initial_weights(kShape, 1)));
    scorer->score(random_batch(before, kShape.vocabulary, kRows, 7));
    scorer->score(window_of(before, resets));
    return scorer->score(random_batch(4, kShape.vocabulary, kRows, kLength, 50));
  };
  EXPECT_EQ(scored(31, true), scored(32, true));
  EXPECT_NE(scored(31, false), scored(32, false));
}

TEST_P(DocumentLeak, AScoreOfAWindowIsThatOfItsDocumentsAlone) {
  const Batch batch = window_of(41);
  const auto weights = std::make_shared<Weights>(initial_weights(kShape, 1));
  double sum = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::pair<int, int> documents[] = {{0, kBegins[row]}, {kBegins[row], kLength}};
    for (const auto& [from, to] : documents) {
      if (from == to) continue;
      const Batch alone = part(batch, row, from, to, true);
      sum += backend(1)->scorer(weights)->score(alone) * (to - from);
    }
  }
  EXPECT_NEAR(backend()->scorer(weights)->score(batch) * kRows * kLength / sum, 1.0, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(OnBothBackends, DocumentLeak, ::testing::Values("torch", "fused"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace charrnn
