#include "nodes/validator.h"

#include <gtest/gtest.h>

#include "tests/nodes/fake_backend.h"
#include "tests/nodes/memory_corpus.h"

namespace charrnn {
namespace {

TEST(ValidationLanes, AreTheReferencesWhateverTheTrainingBatch) {
  const Lanes anna = validation_lanes({.first = 1786700, .count = 198523}, 1000000);
  EXPECT_EQ(anna.rows, 128);
  EXPECT_EQ(anna.length, 100);
  EXPECT_EQ(anna.windows(), 15U);
  EXPECT_EQ(validation_lanes({.first = 0, .count = 250}, 1000000).rows, 2);
  EXPECT_EQ(validation_lanes({.first = 0, .count = 99}, 1000000).windows(), 0U);
  EXPECT_EQ(validation_lanes({.first = 0, .count = 1000000}, 128000).windows(), 10U);
}

TEST(Validator, MeansTheLossesOfAllFullBatchesAndDropsTheTail) {
  const MemoryCorpus corpus(varied_text(1050, 20, 3));
  const Lanes lanes{.text = {.first = 0, .count = 1050}, .rows = 5, .length = 100};
  const FakeBackend backend;
  Validator validator(corpus, lanes, backend);
  validator.begin({.step = 7, .weights = std::make_shared<Weights>(Weights{0.5F})});
  int turns = 0;
  while (validator.advance()) ++turns;
  EXPECT_EQ(turns, 2);
  ASSERT_TRUE(validator.result());
  double sum = 0;
  for (int i = 0; i < 1000; ++i) sum += corpus.symbol(corpus.text()[static_cast<std::size_t>(i)]);
  EXPECT_EQ(validator.result()->step, 7U);
  EXPECT_EQ(validator.result()->characters, 1000U);
  EXPECT_NEAR(validator.result()->loss, 0.5 + sum / 1000, 1e-9);
}

TEST(Validator, IsCutOffByAStopWithoutAResult) {
  const MemoryCorpus corpus(varied_text(1050, 20, 3));
  const Lanes lanes{.text = {.first = 0, .count = 1050}, .rows = 5, .length = 100};
  const FakeBackend backend;
  std::atomic<bool> stop{false};
  Validator validator(corpus, lanes, backend, &stop);
  validator.begin({.step = 7, .weights = std::make_shared<Weights>(Weights{0.5F})});
  EXPECT_TRUE(validator.advance());
  stop = true;
  EXPECT_FALSE(validator.advance());
  EXPECT_FALSE(validator.result());
}

}  // namespace
}  // namespace charrnn
