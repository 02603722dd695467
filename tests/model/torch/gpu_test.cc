// What only a GPU can show. Skipped, with the reason, where there is none.
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "model/backend.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 83, .hidden = 64, .layers = 2};
constexpr int kRows = 16;

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda_available()) GTEST_SKIP() << "libtorch sees no GPU";
  }
  static Batch batch(std::uint64_t step) {
    Batch batch = random_batch(3, kShape.vocabulary, kRows, 20, 20 * step);
    if (step % 5 == 4) {
      batch.resets.assign(static_cast<std::size_t>(kRows) * 20, 0);
      batch.resets[7] = 1;
    }
    return batch;
  }
  static StepSettings settings(std::uint64_t step) {
    return {.step = step + 1, .seed = 4, .dropout = 0.5F};
  }
  // The losses of 20 steps, each begun before the one before it was waited for.
  static std::vector<double> losses(Backend& backend) {
    std::deque<std::function<StepResult()>> begun;
    std::vector<double> losses;
    for (std::uint64_t step = 0; step < 20; ++step) {
      begun.push_back(backend.begin(backend.transfer(batch(step)), settings(step)));
      if (begun.size() < 2 && step < 19) continue;
      while (begun.size() > (step < 19 ? 1U : 0U)) {
        losses.push_back(begun.front()().loss);
        begun.pop_front();
      }
    }
    return losses;
  }
  static void expect_close_to_the_cpu(Precision precision, double tolerance) {
    const auto cpu = make_torch_backend(random_start(kShape, kRows), Device::kCpu, {});
    const auto gpu =
        make_torch_backend(random_start(kShape, kRows), Device::kCuda, {.precision = precision});
    const auto expected = losses(*cpu);
    const auto got = losses(*gpu);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_NEAR(got[i] / expected[i], 1.0, tolerance) << "step " << i + 1;
    }
    const Batch text = random_batch(9, kShape.vocabulary, kRows, 20);
    EXPECT_NEAR(gpu->scorer(gpu->weights())->score(text) / cpu->scorer(gpu->weights())->score(text),
                1.0, tolerance);
  }
};

TEST_F(Gpu, TrainsAsTheCpuDoesThroughRecordedStepsResetsAndEpochs) {
  expect_close_to_the_cpu(Precision::kFp32, 1e-4);
}

TEST_F(Gpu, Tf32StaysWithinAThousandth) { expect_close_to_the_cpu(Precision::kTf32, 1e-3); }

TEST_F(Gpu, MixedPrecisionStaysWithinAHundredth) { expect_close_to_the_cpu(Precision::kAmp, 1e-2); }

TEST_F(Gpu, GivesTheFirstStepsGradientOfTheCpu) {
  const auto cpu = make_torch_backend(random_start(kShape, kRows), Device::kCpu, {});
  const auto gpu = make_torch_backend(random_start(kShape, kRows), Device::kCuda, {});
  for (Backend* backend : {cpu.get(), gpu.get()}) {
    backend->begin(backend->transfer(batch(0)), settings(0))();
  }
  EXPECT_LT(relative_distance(gpu->gradients(), cpu->gradients()), 1e-4);
}

}  // namespace
}  // namespace charrnn
