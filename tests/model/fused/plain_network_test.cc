// Holds the plain loops, which hold everything else, to finite differences.
#include "tests/model/fused/plain_network.h"

#include <gtest/gtest.h>

namespace charrnn {
namespace {

TEST(PlainNetwork, GradientIsThatOfFiniteDifferences) {
  for (const auto& [cell, resets] : {std::pair(CellKind::kLstm, false),
                                     {CellKind::kLstm, true},
                                     {CellKind::kGru, true},
                                     {CellKind::kTanh, true}}) {
    const NetworkShape shape{6, 5, 2, cell};
    std::vector<std::vector<double>> carried;
    for (int i = 0; i < describe(cell).state_count(); ++i) {
      carried.push_back(random_values(2 * 3 * 5, 0.5 + 0.5 * i, 3 + i));
    }
    const auto weights = random_values(parameter_count(shape), 0.5, 1);
    const PlainInput input{.batch = random_batch(shape, 3, 7, 2, resets),
                           .carried = carried,
                           .dropout = 0.3F,
                           .seed = 8};
    const PlainResult result = plain_step(shape, weights, input);
    std::vector<double> differences(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      constexpr double kStep = 1e-5;
      auto more = weights, less = weights;
      more[i] += kStep;
      less[i] -= kStep;
      differences[i] =
          (plain_step(shape, more, input).loss - plain_step(shape, less, input).loss) / (2 * kStep);
    }
    EXPECT_LT(relative_distance(result.gradient, differences), 1e-7)
        << describe(cell).name << resets;
  }
}

}  // namespace
}  // namespace charrnn
