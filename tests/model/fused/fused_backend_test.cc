#include "model/fused/fused_backend.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/fused/kernel_choice.h"
#include "tests/model/fused/bf16_emulated.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

/// A network, a batch and a carried state; rows and length are odd on purpose.
struct Case {
  NetworkShape shape;
  int rows;
  int length;
  float dropout;
  bool resets;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << describe(c.shape.cell).name << " V" << c.shape.vocabulary << " H" << c.shape.hidden
             << " L" << c.shape.layers << " B" << c.rows << " T" << c.length << " dropout "
             << c.dropout << (c.resets ? " resets" : "");
}

const Case kSizes[] = {
    {{2, 1, 1}, 1, 1, 0.0F, false},    {{5, 7, 2}, 3, 11, 0.5F, true},
    {{83, 16, 1}, 17, 9, 0.3F, false}, {{33, 37, 3}, 5, 9, 0.25F, true},
    {{97, 40, 2}, 35, 4, 0.0F, true},  {{11, 45, 2}, 50, 6, 0.5F, false},
};

/// Every size with every cell.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> cases;
    for (int cell = 0; cell < kCellKinds; ++cell) {
      for (Case c : kSizes) {
        c.shape.cell = static_cast<CellKind>(cell);
        cases.push_back(c);
      }
    }
    return cases;
  }();
  return all;
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::vector<double>> doubles(const std::vector<CarriedTensor>& carried) {
  std::vector<std::vector<double>> all;
  for (const CarriedTensor& tensor : carried) all.push_back(doubles(tensor.values));
  return all;
}

void expect_close(const std::vector<CarriedTensor>& carried,
                  const std::vector<std::vector<double>>& expected, double bound, const Case& c) {
  ASSERT_EQ(carried.size(), expected.size());
  for (std::size_t i = 0; i < carried.size(); ++i) {
    EXPECT_LT(relative_distance(carried[i].values, expected[i]), bound)
        << c << ", " << carried[i].name;
  }
}

TrainState random_state(const Case& c, double scale = 0.3) {
  TrainState state =
      fresh_state(c.shape, c.rows, floats(random_values(parameter_count(c.shape), scale, 1)));
  std::uint64_t seed = 2;
  for (CarriedTensor& tensor : state.carried) {
    tensor.values = floats(random_values(tensor.values.size(), 0.5, seed++));
  }
  return state;
}

PlainInput plain_input(const Case& c, const TrainState& state, const Batch& batch,
                       const StepSettings& settings) {
  return {.batch = batch,
          .carried = doubles(state.carried),
          .dropout = c.dropout,
          .seed = settings.seed,
          .step = settings.step};
}

class FusedBackendWith : public testing::TestWithParam<const Kernels*> {
 protected:
  /// How far from plain loops is allowed: `floats` for kernels that multiply floats, else `pairs`.
  /// Rounding to bf16 is wrong by up to 1/256.
  double bound(double floats, double pairs = 1e-2) const {
    return GetParam()->terms == 1 ? floats : pairs;
  }

  std::unique_ptr<FusedBackend> backend(const TrainState& state, int threads = 2) const {
    return make_fused_backend(state, {.kernel_threads = threads}, *GetParam());
  }
};

TEST_P(FusedBackendWith, LossAndGradientsAreThoseOfPlainLoops) {
  for (const Case& c : cases()) {
    const TrainState state = random_state(c);
    const Batch batch = random_batch(c.shape, c.rows, c.length, 4, c.resets);
    const StepSettings settings{.step = 3, .seed = 9, .dropout = c.dropout, .clip = 0.1F};
    const PlainResult plain =
        plain_step(c.shape, doubles(state.weights), plain_input(c, state, batch, settings));
    const auto fused = backend(state);
    const StepResult result = fused->begin(fused->transfer(batch), settings)();
    EXPECT_NEAR(result.loss, plain.loss, bound(1e-5) * plain.loss) << c;
    const Weights gradient = fused->gradients();
    double norm = 0;
    for (const TensorSpec& tensor : parameter_layout(c.shape)) {
      const auto first = static_cast<std::ptrdiff_t>(tensor.offset);
      const auto last = static_cast<std::ptrdiff_t>(tensor.offset + tensor.size);
      const std::vector<double> expected(plain.gradient.begin() + first,
                                         plain.gradient.begin() + last);
      const Weights actual(gradient.begin() + first, gradient.begin() + last);
      // A single unit's gradients are the difference of two numbers that are nearly the same.
      EXPECT_LT(relative_distance(actual, expected), bound(1e-5, c.shape.hidden == 1 ? 0.2 : 1e-2))
          << c << ", " << tensor.name;
      for (const double x : expected) norm += x * x;
    }
    EXPECT_NEAR(result.gradient_norm, std::sqrt(norm), bound(1e-5) * std::sqrt(norm)) << c;
    expect_close(fused->state().carried, plain.carried, bound(1e-5), c);
  }
}

TEST_P(FusedBackendWith, WeightsAfterTenStepsOfGradientDescentAreThoseOfPlainLoops) {
  constexpr double kRate = 0.1;
  const Case c{{13, 21, 2}, 6, 8, 0.3F, false};
  TrainState state = random_state(c);
  std::vector<double> weights = doubles(state.weights);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    const Batch batch = random_batch(c.shape, c.rows, c.length, 200 + step);
    const StepSettings settings{.step = step, .dropout = c.dropout};
    const PlainResult plain = plain_step(c.shape, weights, plain_input(c, state, batch, settings));
    const auto fused = backend(state);
    fused->begin(fused->transfer(batch), settings)();
    const Weights gradient = fused->gradients();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] -= kRate * plain.gradient[i];
      state.weights[i] -= static_cast<float>(kRate) * gradient[i];
    }
  }
  EXPECT_LT(relative_distance(state.weights, weights), bound(1e-5));
}

/// Adam and norm clipping in double precision, as torch.optim.Adam and clip_grad_norm_ have them.
struct PlainAdam {
  std::vector<double> weights, m, v;

  void update(std::vector<double> gradient, const StepSettings& settings) {
    double squares = 0;
    for (const double g : gradient) squares += g * g;
    const double factor = std::min(1.0, settings.clip / (std::sqrt(squares) + 1e-6));
    const double correction1 = 1 - std::pow(0.9, settings.step);
    const double correction2 = 1 - std::pow(0.999, settings.step);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double g = gradient[i] * factor;
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      weights[i] -= settings.learning_rate / correction1 * m[i] /
                    (std::sqrt(v[i]) / std::sqrt(correction2) + 1e-8);
    }
  }
};

/// Ten steps, the sixth of which begins an epoch.
constexpr std::uint64_t kAdamSteps = 10;

Batch adam_batch(const Case& c, std::uint64_t step) {
  Batch batch = random_batch(c.shape, c.rows, c.length, 100 + step, c.resets);
  batch.starts_epoch = step == 6;
  return batch;
}

StepSettings adam_settings(const Case& c, std::uint64_t step) {
  return {.step = step, .seed = 9, .dropout = c.dropout, .learning_rate = 1e-2F, .clip = 0.5F};
}

/// Where plain loops end after those steps.
struct PlainEnd {
  std::vector<double> weights;
  std::vector<std::vector<double>> carried;
};

PlainEnd plain_end(const Case& c) {
  const TrainState state = random_state(c);
  PlainAdam plain{doubles(state.weights), std::vector<double>(state.weights.size(), 0.0),
                  std::vector<double>(state.weights.size(), 0.0)};
  std::vector<std::vector<double>> carried = doubles(state.carried);
  for (std::uint64_t step = 1; step <= kAdamSteps; ++step) {
    const Batch batch = adam_batch(c, step);
    if (batch.starts_epoch) {
      for (auto& values : carried) values.assign(values.size(), 0.0);
    }
    const StepSettings settings = adam_settings(c, step);
    const PlainResult result = plain_step(c.shape, plain.weights,
                                          {.batch = batch,
                                           .carried = carried,
                                           .dropout = c.dropout,
                                           .seed = settings.seed,
                                           .step = step});
    carried = result.carried;
    plain.update(result.gradient, settings);
  }
  return {plain.weights, carried};
}

TEST_P(FusedBackendWith, WeightsAfterTenStepsOfAdamAreThoseOfPlainLoops) {
  static const std::vector<PlainEnd> ends = [] {
    std::vector<PlainEnd> all;
    for (const Case& c : cases()) all.push_back(plain_end(c));
    return all;
  }();
  for (std::size_t i = 0; i < cases().size(); ++i) {
    const Case& c = cases()[i];
    const auto fused = backend(random_state(c));
    for (std::uint64_t step = 1; step <= kAdamSteps; ++step) {
      fused->begin(fused->transfer(adam_batch(c, step)), adam_settings(c, step))();
    }
    // Adam's first steps are as long for a small gradient as for a large one.
    EXPECT_LT(relative_distance(*fused->weights(), ends[i].weights), bound(1e-4, 0.03)) << c;
    expect_close(fused->state().carried, ends[i].carried, bound(1e-3, 0.15), c);
    EXPECT_EQ(fused->state().steps, kAdamSteps);
  }
}

TEST_P(FusedBackendWith, BitsDoNotDependOnThreads) {
  const tbb::global_control six(tbb::global_control::max_allowed_parallelism, 6);
  for (int kind = 0; kind < kCellKinds; ++kind) {
    const Case c{{29, 40, 2, static_cast<CellKind>(kind)}, 83, 21, 0.4F, true};
    const TrainState start = random_state(c);
    std::vector<TrainState> ends;
    std::vector<StepResult> results;
    for (const int threads : {1, 2, 3, 6, 2}) {
      const auto fused = backend(start, threads);
      for (std::uint64_t step = 1; step <= 3; ++step) {
        const Batch batch = random_batch(c.shape, c.rows, c.length, 40 + step, true);
        results.push_back(
            fused->begin(fused->transfer(batch), {.step = step, .seed = 5, .dropout = 0.4F})());
      }
      ends.push_back(fused->state());
    }
    for (std::size_t i = 1; i < ends.size(); ++i) {
      EXPECT_EQ(ends[i].weights, ends[0].weights) << c;
      EXPECT_EQ(ends[i].slots, ends[0].slots);
      EXPECT_EQ(ends[i].carried, ends[0].carried);
      for (std::size_t step = 0; step < 3; ++step) {
        EXPECT_EQ(results[3 * i + step].loss, results[step].loss);
        EXPECT_EQ(results[3 * i + step].gradient_norm, results[step].gradient_norm);
      }
    }
  }
}

TEST_P(FusedBackendWith, GoesOnFromItsStateBitForBit) {
  const Case c{{29, 33, 2}, 20, 9, 0.4F, false};
  const auto step = [&](Backend& backend, std::uint64_t number, int length) {
    backend.begin(backend.transfer(random_batch(c.shape, c.rows, length, 60 + number)),
                  {.step = number, .seed = 5, .dropout = 0.4F})();
  };
  const auto whole = backend(random_state(c));
  for (std::uint64_t i = 1; i <= 4; ++i) step(*whole, i, 9 - static_cast<int>(i));
  const auto first = backend(random_state(c));
  for (std::uint64_t i = 1; i <= 2; ++i) step(*first, i, 9 - static_cast<int>(i));
  const auto second = backend(first->state());
  for (std::uint64_t i = 3; i <= 4; ++i) step(*second, i, 9 - static_cast<int>(i));
  EXPECT_EQ(whole->state().weights, second->state().weights);
  EXPECT_EQ(whole->state().carried, second->state().carried);
}

/// Doubles the gradient, as a second machine with the same rows would.
struct Doubling : GradientReduction {
  std::size_t values = 0;
  void start(std::span<float> part) override {
    for (float& value : part) value *= 2.0F;
    values += part.size();
  }
  void finish() override {}
};

TEST_P(FusedBackendWith, TakesNormAndUpdateOfTheGradientThatTheReductionLeaves) {
  const Case c{{29, 33, 2}, 20, 9, 0.0F, false};
  const Batch batch = random_batch(c.shape, c.rows, c.length, 60);
  const StepSettings settings{.learning_rate = 1e-2F, .clip = 0.0F};
  const auto doubling = std::make_shared<Doubling>();
  const auto one = backend(random_state(c));
  const auto two = make_fused_backend(random_state(c), {.kernel_threads = 2, .reduction = doubling},
                                      *GetParam());
  const StepResult alone = one->begin(one->transfer(batch), settings)();
  const StepResult together = two->begin(two->transfer(batch), settings)();
  EXPECT_EQ(doubling->values, parameter_count(c.shape));
  EXPECT_EQ(together.loss, alone.loss);
  EXPECT_EQ(together.gradient_norm, 2 * alone.gradient_norm);
  Weights expected = one->gradients();
  for (float& value : expected) value *= 2.0F;
  EXPECT_EQ(two->gradients(), expected);
}

TEST_P(FusedBackendWith, HasTheTilesAndStatesOfEveryCellsDescription) {
  for (int kind = 0; kind < kCellKinds; ++kind) {
    const Cell& cell = describe(static_cast<CellKind>(kind));
    const CellKernels& kernels = GetParam()->cell(static_cast<CellKind>(kind));
    EXPECT_EQ(kernels.tiles, cell.tile_count()) << cell.name;
    EXPECT_EQ(kernels.states, cell.state_count()) << cell.name;
    EXPECT_LE(cell.state_count(), kMostStates) << cell.name;
    EXPECT_TRUE(cell.tile_count() == 1 || cell.tile_count() == 4) << cell.name;
  }
}

TEST_P(FusedBackendWith, ScorerGivesTheTrainingsLossAndCarriesTheState) {
  for (Case c : cases()) {
    c.dropout = 0.0F;
    TrainState state = random_state(c);
    state.carried = zero_carried(c.shape, c.rows);
    const auto fused = backend(state);
    const auto scorer = fused->scorer(fused->weights());
    for (std::uint64_t i = 1; i <= 3; ++i) {
      Batch batch = random_batch(c.shape, c.rows, 10 + 9 * c.length, 70 + i, c.resets);
      batch.starts_epoch = i == 3;
      const double expected =
          fused->begin(fused->transfer(batch), {.step = i, .learning_rate = 0.0F})().loss;
      EXPECT_NEAR(scorer->score(batch), expected, 1e-12 * expected) << c;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, FusedBackendWith, testing::ValuesIn(all_kernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace charrnn
