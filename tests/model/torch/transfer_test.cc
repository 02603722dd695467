#include "model/torch/transfer.h"

#include <gtest/gtest.h>

#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

void expect_kept(Transfer& transfer) {
  Batch batch = random_batch(3, 11, 3, 7);
  batch.inputs[4] = 65535;
  batch.resets.assign(21, 0);
  batch.resets[7 + 2] = batch.resets[14 + 2] = batch.resets[6] = 1;
  const auto moved = transfer.start(batch);
  transfer.arrive(*moved);
  const Window window = transfer.read(*moved);
  transfer.leave(*moved);
  for (int row = 0; row < 3; ++row) {
    for (int t = 0; t < 7; ++t) {
      const auto element = static_cast<std::size_t>(7 * row + t);
      EXPECT_EQ(window.inputs[t][row].item<std::int64_t>(), batch.inputs[element]);
      EXPECT_EQ(window.targets[3 * t + row].item<std::int64_t>(), batch.targets[element]);
    }
  }
  ASSERT_EQ(window.resets.size(), 2U);
  EXPECT_EQ(window.resets[0].step, 2);
  EXPECT_TRUE(at::equal(window.resets[0].keep.view(-1), at::tensor({1.0F, 0.0F, 0.0F})));
  EXPECT_EQ(window.resets[1].step, 6);
  EXPECT_TRUE(at::equal(window.resets[1].keep.view(-1), at::tensor({0.0F, 1.0F, 1.0F})));
}

TEST(Transfer, OnTheHostKeepsResetsAndTheOrderOfSymbols) { expect_kept(*make_host_transfer()); }

TEST(Transfer, ThroughStagingKeepsResetsAndTheOrderOfSymbols) {
  const auto streams = make_host_streams();
  expect_kept(*make_staged_transfer(*streams));
}

}  // namespace
}  // namespace charrnn
