#include "model/torch/transfer.h"

#include <gtest/gtest.h>

#include <future>
#include <utility>

#include "model/torch/torch_backend.h"
#include "model/torch/window.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 11, .hidden = 8, .layers = 2};

/// The host's twin of the way to a GPU: tensors are made beside the compute thread, which waits for
/// them at last.
class Background final : public Transfer {
 public:
  std::shared_ptr<const DeviceBatch> start(Batch batch) override {
    auto moving = std::make_shared<Moving>(std::move(batch));
    moving->window = std::async(std::launch::async, [host = moving->host()] {
                       return make_window(host);
                     }).share();
    return moving;
  }

  Window finish(const DeviceBatch& batch) override {
    return dynamic_cast<const Moving&>(batch).window.get();
  }

 private:
  struct Moving final : DeviceBatch {
    using DeviceBatch::DeviceBatch;
    std::shared_future<Window> window;
  };
};

std::unique_ptr<Backend> backend(std::unique_ptr<Transfer> transfer) {
  return make_torch_backend(random_start(kShape, 3), choose_engine(kShape, at::kCPU, 1),
                            std::move(transfer));
}

TEST(Transfer, InTheBackgroundTrainsTheSame) {
  const auto beside = backend(std::make_unique<Background>());
  const auto here = backend(make_host_transfer());
  auto next = beside->transfer(random_batch(3, 11, 3, 7));
  for (std::uint64_t step = 1; step <= 10; ++step) {
    const auto now = std::exchange(next, beside->transfer(random_batch(3, 11, 3, 7, 7 * step)));
    const StepSettings settings{.step = step, .dropout = 0.5F};
    const double loss = beside->step(*now, settings).loss;
    EXPECT_EQ(here->step(*here->transfer(now->host()), settings).loss, loss);
  }
  EXPECT_EQ(*beside->weights(), *here->weights());
}

TEST(Transfer, KeepsResetsAndTheOrderOfSymbols) {
  Batch batch = random_batch(3, 11, 3, 7);
  batch.resets.assign(21, 0);
  batch.resets[7 + 2] = batch.resets[14 + 2] = batch.resets[6] = 1;
  const auto transfer = make_host_transfer();
  const Window window = transfer->finish(*transfer->start(batch));
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

}  // namespace
}  // namespace charrnn
