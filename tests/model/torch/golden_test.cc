#include <gtest/gtest.h>

#include "tests/model/torch/golden_comparison.h"

namespace charrnn {
namespace {

std::unique_ptr<Backend> torch_on_cpu(const TrainState& state) {
  return make_torch_backend(state, Device::kCpu, {});
}

/// Files in tests/data/golden/: see golden_values.py there.
class Golden : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path file() const {
    return std::filesystem::path(CHARRNN_SOURCE_DIR) / "tests/data/golden" /
           (GetParam() + ".safetensors");
  }
};

void expect_within(const std::vector<Difference>& differences) {
  for (const Difference& difference : differences) {
    EXPECT_TRUE(difference.within())
        << difference.quantity << ": " << difference.relative << " of " << difference.allowed;
  }
}

TEST_P(Golden, TorchBackendTrainsAsPyTorchDoes) {
  expect_within(compare_with_golden(file(), torch_on_cpu));
}

TEST_P(Golden, FusedBackendTrainsAsPyTorchDoes) {
  expect_within(compare_with_golden(
      file(), [](const TrainState& state) { return make_fused_backend(state, {}); }));
}

TEST_P(Golden, FusedBackendInBf16TrainsAsPyTorchDoesWithinAHundredth) {
  if (!bf16_available()) GTEST_SKIP() << "this processor has no AVX512-BF16";
  const auto differences = compare_with_golden(file(), [](const TrainState& state) {
    return make_fused_backend(state, {.precision = Precision::kBf16});
  });
  int off = 0;
  for (const Difference& difference : differences) {
    EXPECT_LE(difference.relative, 1e-2) << difference.quantity;
    off += difference.within() ? 0 : 1;
  }
  EXPECT_GT(off, 0) << "that is fp32";
}

// The comparison can fail.
TEST(GoldenComparison, SeesAnotherLearningRate) {
  class Hasty : public Backend {
   public:
    explicit Hasty(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}
    std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
      return backend_->transfer(std::move(batch));
    }
    int depth() const override { return backend_->depth(); }
    BegunStep begin(std::shared_ptr<const DeviceBatch> batch,
                    const StepSettings& settings) override {
      StepSettings hasty = settings;
      hasty.learning_rate *= 1.1F;
      return backend_->begin(std::move(batch), hasty);
    }
    Weights gradients() const override { return backend_->gradients(); }
    std::shared_ptr<const Weights> weights() const override { return backend_->weights(); }
    TrainState state() const override { return backend_->state(); }
    std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const override {
      return backend_->scorer(std::move(weights));
    }

   private:
    std::unique_ptr<Backend> backend_;
  };
  const auto differences = compare_with_golden(
      std::filesystem::path(CHARRNN_SOURCE_DIR) / "tests/data/golden/two_layers.safetensors",
      [](const TrainState& state) { return std::make_unique<Hasty>(torch_on_cpu(state)); });
  int off = 0;
  for (const Difference& difference : differences) off += difference.within() ? 0 : 1;
  EXPECT_GT(off, 5);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Golden, testing::Values("two_layers", "one_layer"),
                         [](const auto& size) { return size.param; });

}  // namespace
}  // namespace charrnn
