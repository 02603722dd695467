#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "model/fused/fused_backend.h"
#include "tests/model/fused/bf16_emulated.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

constexpr int kWidth = 16;

/// bf16 next to every kind of edge: zeros, the smallest numbers, infinities, NaN, the largest.
constexpr std::uint16_t kEdges[] = {0x0000, 0x8000, 0x0001, 0x807F, 0x0080, 0x3F80, 0xBF80, 0x2000,
                                    0x1F00, 0x7F7F, 0xFF7F, 0x7F80, 0xFF80, 0x7FC0, 0x7F81};

class Bf16Instructions : public testing::Test {
 protected:
  void SetUp() override {
    if (bf16_kernels() == nullptr) GTEST_SKIP() << "this processor has no AVX512-BF16";
  }
};

/// One product of 16 rows and 16 x 32 numbers with both kernels, from any bits.
template <class Draw>
void expect_same_products(Draw draw) {
  alignas(64) std::uint32_t a[kWidth * kWidth], b[kWidth / 2 * 2 * kWidth];
  alignas(64) float bias[2 * kWidth], c[2][2 * kWidth * kWidth] = {};
  for (auto& pair : a) pair = draw() | draw() << 16;
  for (auto& pair : b) pair = draw() | draw() << 16;
  for (auto& sum : bias) sum = std::bit_cast<float>(draw() << 16 | draw());
  const Kernels* const both[] = {bf16_kernels(), bf16_emulated_avx512()};
  for (int i = 0; i < 2; ++i) {
    both[i]->product({.rows = kWidth,
                      .a = reinterpret_cast<const float*>(a),
                      .a_groups = 1,
                      .b = reinterpret_cast<const float*>(b),
                      .panels = 1,
                      .bias = bias,
                      .c = c[i]});
  }
  for (int i = 0; i < 2 * kWidth * kWidth; ++i) {
    const bool same =
        std::bit_cast<std::uint32_t>(c[0][i]) == std::bit_cast<std::uint32_t>(c[1][i]);
    ASSERT_TRUE(same || (std::isnan(c[0][i]) && std::isnan(c[1][i]))) << c[0][i] << ' ' << c[1][i];
  }
}

TEST_F(Bf16Instructions, MultiplyAsTheEmulationDoes) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    expect_same_products([&]() -> std::uint32_t { return random() & 0xFFFFU; });
    expect_same_products([&]() -> std::uint32_t { return kEdges[random() % std::size(kEdges)]; });
    // Of ordinary size.
    expect_same_products([&]() -> std::uint32_t { return (random() & 0x87FFU) + 0x3C00U; });
  }
}

TEST_F(Bf16Instructions, RoundAsTheEmulationDoes) {
  std::mt19937 random(2);
  std::vector<float> values(100'003), rounded[2];
  for (float& value : values) {
    value = std::bit_cast<float>(static_cast<std::uint32_t>(random() & (random() | 0xFFFF0000U)));
  }
  for (std::size_t i = 0; i < std::size(kEdges); ++i) {
    for (const std::uint32_t low : {0U, 1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      values[6 * i + low % 6] = std::bit_cast<float>(std::uint32_t{kEdges[i]} << 16 | low);
    }
  }
  const auto count = static_cast<std::ptrdiff_t>(values.size());
  const Kernels* const both[] = {bf16_kernels(), bf16_emulated_avx512()};
  for (int i = 0; i < 2; ++i) {
    rounded[i].resize((values.size() + 1) / 2);
    both[i]->rounding.neighbours(values.data(), count, rounded[i].data());
  }
  for (std::size_t i = 0; i < rounded[0].size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(rounded[0][i]),
              std::bit_cast<std::uint32_t>(rounded[1][i]))
        << i;
  }
}

TEST_F(Bf16Instructions, TrainAsTheEmulationDoes) {
  for (int cell = 0; cell < kCellKinds; ++cell) {
    const NetworkShape shape{29, 45, 2, static_cast<CellKind>(cell)};
    const auto values = random_values(parameter_count(shape), 0.3, 1);
    TrainState ends[2];
    const Kernels* const both[] = {bf16_kernels(), bf16_emulated_avx512()};
    for (int i = 0; i < 2; ++i) {
      const auto backend =
          make_fused_backend(fresh_state(shape, 35, Weights(values.begin(), values.end())),
                             {.kernel_threads = 2}, *both[i]);
      for (std::uint64_t step = 1; step <= 5; ++step) {
        backend->begin(backend->transfer(random_batch(shape, 35, 21, 40 + step, step > 2)),
                       {.step = step, .seed = 5, .dropout = 0.4F, .learning_rate = 1e-2F})();
      }
      ends[i] = backend->state();
    }
    EXPECT_EQ(ends[0].weights, ends[1].weights) << describe(shape.cell).name;
    EXPECT_EQ(ends[0].carried, ends[1].carried) << describe(shape.cell).name;
  }
}

TEST_F(Bf16Instructions, TrainWhenThePrecisionIsBf16) {
  const NetworkShape shape{11, 45, 2};
  const auto values = random_values(parameter_count(shape), 0.3, 1);
  const TrainState state = fresh_state(shape, 6, Weights(values.begin(), values.end()));
  const auto gradients = [&](Backend& backend) {
    backend.begin(backend.transfer(random_batch(shape, 6, 9, 40)), {})();
    return backend.gradients();
  };
  const auto bf16 = make_fused_backend(state, {.precision = Precision::kBf16});
  const auto fp32 = make_fused_backend(state, {});
  const auto expected = make_fused_backend(state, {}, *bf16_kernels());
  const Weights gradient = gradients(*bf16);
  EXPECT_EQ(gradient, gradients(*expected));
  EXPECT_NE(gradient, gradients(*fp32));
}

class Bf16Rounding : public testing::TestWithParam<const Kernels*> {};

float number(std::uint32_t pairs, int half) {
  return std::bit_cast<float>(half == 0 ? pairs << 16 : pairs & 0xFFFF0000U);
}

TEST_P(Bf16Rounding, TakesTheNearestNumberAndOfTwoTheEvenOne) {
  const struct {
    std::uint32_t from, to;
  } cases[] = {{0x3F800000, 0x3F800000}, {0x3F807FFF, 0x3F800000}, {0x3F808000, 0x3F800000},
               {0x3F808001, 0x3F810000}, {0x3F818000, 0x3F820000}, {0xBF818000, 0xBF820000},
               {0x7F7FFFFF, 0x7F800000}, {0x00000001, 0x00000000}, {0x80400000, 0x80000000}};
  for (const auto& [from, to] : cases) {
    const float value = std::bit_cast<float>(from);
    float pair = 0.0F;
    GetParam()->rounding.two(&value, nullptr, 1, &pair);
    const auto bits = std::bit_cast<std::uint32_t>(pair);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(number(bits, 0)), to) << std::hex << from;
    EXPECT_EQ(number(bits, 1), 0.0F);
  }
}

TEST_P(Bf16Rounding, MakesPairsOfRowsAndOfNeighboursOfEveryTile) {
  const int width = GetParam()->width, groups = 2;
  for (int rows = 1; rows <= kMaxBlockRows; ++rows) {
    std::vector<float> tiles(static_cast<std::size_t>(groups) * rows * width);
    for (std::size_t i = 0; i < tiles.size(); ++i) tiles[i] = static_cast<float>(i % 251);
    std::vector<float> pairs = tiles;
    GetParam()->rounding.tiles(pairs.data(), rows, groups, pairs.data());
    for (int i = 0; i < groups * rows * width; ++i) {
      const int group = i / (rows * width), row = i / width % rows, unit = i % width;
      const float* begin = pairs.data() + group * rows * width;
      const float* neighbours = begin + rows / 2 * width;
      const auto of_neighbours = std::bit_cast<std::uint32_t>(neighbours[(row * width + unit) / 2]);
      ASSERT_EQ(number(of_neighbours, unit % 2), tiles[i]) << rows << " rows, at " << i;
      if (row / 2 == rows / 2) continue;  // has none to be paired with
      const auto of_rows = std::bit_cast<std::uint32_t>(begin[row / 2 * width + unit]);
      ASSERT_EQ(number(of_rows, row % 2), tiles[i]) << rows << " rows, at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Bf16Rounding, testing::ValuesIn(all_bf16_kernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace charrnn
