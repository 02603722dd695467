#include "model/torch/precision.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "model/torch/torch_backend.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 11, .hidden = 8, .layers = 2};

TEST(Precision, RoundsFactorsOnAGpuOnlyWhenAskedTo) {
  for (const auto precision : {Precision::kTf32, Precision::kFp32, Precision::kAmp}) {
    set_product_precision(precision);
    EXPECT_EQ(at::globalContext().allowTF32CuDNN(), precision != Precision::kFp32);
    EXPECT_EQ(at::globalContext().allowTF32CuBLAS(), precision != Precision::kFp32);
  }
  set_product_precision(Precision::kFp32);
}

TEST(Precision, OfACpuIsFp32) {
  for (const auto precision : {Precision::kTf32, Precision::kAmp}) {
    EXPECT_THROW(
        make_torch_backend(random_start(kShape, 3), Device::kCpu, {.precision = precision}), Error);
  }
}

// libtorch's autocast works on the CPU too, so what surrounds it can be tried there.
TEST(Precision, MixedKeepsWeightsInFp32AndLearnsTheSame) {
  Engine engine = choose_engine(kShape, at::kCPU, {.kernel_threads = 1});
  const auto exact = make_torch_backend(random_start(kShape, 3), engine, make_host_streams());
  engine.precision = Precision::kAmp;
  const auto mixed = make_torch_backend(random_start(kShape, 3), engine, make_host_streams());
  bool differs = false;
  for (std::uint64_t step = 1; step <= 20; ++step) {
    const Batch batch = random_batch(3, 11, 3, 7, 7 * step);
    const StepSettings settings{.step = step, .dropout = 0.2F, .learning_rate = 0.01F};
    const double loss = exact->begin(exact->transfer(batch), settings)().loss;
    const double rounded = mixed->begin(mixed->transfer(batch), settings)().loss;
    EXPECT_NEAR(rounded / loss, 1.0, 0.02) << step;
    differs |= rounded != loss;
    EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
  }
  EXPECT_TRUE(differs) << "it did round";
  // A step of 1e-2 on weights below 1 that only bfloat16 could hold would show: 8 bits.
  bool finer = false;
  for (const float weight : mixed->state().weights) {
    ASSERT_TRUE(std::isfinite(weight));
    finer |= static_cast<float>(at::BFloat16(weight)) != weight;
  }
  EXPECT_TRUE(finer);
  const auto scored = mixed->scorer(mixed->weights())->score(random_batch(3, 11, 3, 7));
  const auto expected = exact->scorer(mixed->weights())->score(random_batch(3, 11, 3, 7));
  EXPECT_NEAR(scored / expected, 1.0, 0.02);
}

}  // namespace
}  // namespace charrnn
