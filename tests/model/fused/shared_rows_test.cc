// Several machines that share the rows of a batch, here as threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <memory>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

#include "model/fused/fused_backend.h"
#include "model/fused/kernel_choice.h"
#include "model/fused/row_blocks.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

constexpr int kSteps = 4;

/// What the threads have in common.
struct Meeting {
  explicit Meeting(int threads) : barrier(threads), parts(static_cast<std::size_t>(threads)) {}

  /// Shows a thread what each has, in the order of the threads.
  template <typename Number>
  std::vector<std::vector<Number>> exchange(int i, std::span<const Number> mine) {
    parts[i].assign(mine.begin(), mine.end());
    barrier.arrive_and_wait();
    std::vector<std::vector<Number>> all;
    for (const auto& part : parts) all.emplace_back(part.begin(), part.end());
    barrier.arrive_and_wait();
    return all;
  }

  std::barrier<> barrier;
  std::vector<std::vector<double>> parts;
};

/// Adds up in any order.
class Sum : public GradientReduction {
 public:
  Sum(Meeting& meeting, int i) : meeting_(meeting), i_(i) {}
  void start(std::span<float> part) override { part_ = part; }
  void finish() override {
    std::vector<float> sum(part_.size());
    for (const auto& term : meeting_.exchange<float>(i_, part_)) {
      std::ranges::transform(sum, term, sum.begin(), std::plus());
    }
    std::ranges::copy(sum, part_.begin());
  }
  void gather(std::span<double> numbers) override {
    const auto all = meeting_.exchange<double>(i_, numbers);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      numbers[k] = 0.0;
      for (const auto& theirs : all) numbers[k] += theirs[k];
    }
  }

 protected:
  Meeting& meeting_;
  int i_;
  std::span<float> part_;
};

/// Each adds to the sum of the one before it.
class Chain : public Sum {
 public:
  Chain(Meeting& meeting, std::vector<std::vector<float>>& sums, std::barrier<>& turn, int i)
      : Sum(meeting, i), sums_(sums), turn_(turn) {}
  bool takes_over() const override { return i_ > 0; }
  void take_over(std::span<float> gradient) override {
    for (; turns_ < i_; ++turns_) turn_.arrive_and_wait();
    std::ranges::copy(sums_[i_ - 1], gradient.begin());
  }
  void finish() override {
    sums_[i_].assign(part_.begin(), part_.end());
    for (; turns_ < static_cast<int>(sums_.size()); ++turns_) turn_.arrive_and_wait();
    turns_ = 0;
    std::ranges::copy(sums_.back(), part_.begin());
    turn_.arrive_and_wait();
  }

 private:
  std::vector<std::vector<float>>& sums_;
  std::barrier<>& turn_;
  int turns_ = 0;
};

struct Trained {
  std::vector<StepResult> steps;
  Weights gradient, weights;
  std::vector<CarriedTensor> carried;
};

struct Case {
  NetworkShape shape;
  int rows;
  bool resets;
};

Batch part_of(const Batch& whole, const RowShare& share) {
  Batch part = whole;
  const auto cut = [&](auto& all) {
    if (all.empty()) return;
    const auto first = all.begin() + share.first * whole.length;
    all = {first, first + share.count * whole.length};
  };
  cut(part.inputs);
  cut(part.targets);
  cut(part.resets);
  part.rows = share.count;
  part.first_row = share.first;
  part.all_rows = whole.rows;
  return part;
}

Trained train(const Case& c, const RowShare& share, std::shared_ptr<GradientReduction> reduction) {
  const TrainState start = fresh_state(c.shape, c.rows, initial_weights(c.shape, 5));
  const auto backend =
      make_fused_backend(start, {.kernel_threads = 2, .reduction = std::move(reduction)});
  Trained trained;
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    Batch batch = random_batch(c.shape, c.rows, 7, 30 + step, c.resets);
    batch.starts_epoch = step == 3;
    const StepSettings settings{
        .step = step, .seed = 9, .dropout = 0.5F, .learning_rate = 1e-2F, .clip = 0.05F};
    const auto there = backend->transfer(part_of(batch, share));
    trained.steps.push_back(backend->begin(there, settings)());
  }
  trained.gradient = backend->gradients();
  trained.weights = *backend->weights();
  trained.carried = backend->state().carried;
  return trained;
}

std::vector<Trained> train_shared(const Case& c, int machines, bool exact) {
  Meeting meeting(machines);
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(machines));
  std::barrier<> turn(machines);
  std::vector<Trained> all(static_cast<std::size_t>(machines));
  std::vector<std::jthread> threads;
  for (int i = 0; i < machines; ++i) {
    threads.emplace_back([&, i] {
      std::shared_ptr<GradientReduction> reduction;
      if (exact) {
        reduction = std::make_shared<Chain>(meeting, sums, turn, i);
      } else {
        reduction = std::make_shared<Sum>(meeting, i);
      }
      all[i] = train(c, share_of_rows(c.rows, i, machines), reduction);
    });
  }
  threads.clear();
  return all;
}

void expect_own_rows(const Case& c, const RowShare& share, const Trained& one,
                     const Trained& part) {
  for (std::size_t state = 0; state < one.carried.size(); ++state) {
    for (int layer = 0; layer < c.shape.layers; ++layer) {
      const int first = (layer * c.rows + share.first) * c.shape.hidden;
      const auto from = [first](const Trained& t, std::size_t i) {
        return t.carried[i].values.begin() + first;
      };
      EXPECT_TRUE(std::equal(from(one, state), from(one, state) + share.count * c.shape.hidden,
                             from(part, state)));
    }
  }
}

const Case kCases[] = {
    {{11, 45, 2}, 50, true},
    {{83, 16, 1}, 128, false},
    {{29, 33, 2, CellKind::kGru}, 67, true},
};

TEST(SharedRows, AreWholeBlocksOfWhichEachMachineHasNearlyAsMany) {
  for (const int rows : {4, 50, 67, 128}) {
    for (int machines = 1; machines <= RowCut(rows).blocks; ++machines) {
      int next = 0;
      for (int i = 0; i < machines; ++i) {
        const RowShare share = share_of_rows(rows, i, machines);
        EXPECT_EQ(share.first, next);
        EXPECT_GT(share.count, 0);
        next += share.count;
      }
      EXPECT_EQ(next, rows);
    }
  }
}

TEST(SharedRows, GiveTheBitsOfOneMachineWhenEachAddsToTheSumOfTheOneBefore) {
  for (const Case& c : kCases) {
    const Trained one = train(c, {0, c.rows}, nullptr);
    for (int machines = 1; machines <= 4; ++machines) {
      const auto all = train_shared(c, machines, true);
      for (int i = 0; i < machines; ++i) {
        for (int step = 0; step < kSteps; ++step) {
          EXPECT_EQ(all[i].steps[step].loss, one.steps[step].loss);
          EXPECT_EQ(all[i].steps[step].gradient_norm, one.steps[step].gradient_norm)
              << c.rows << " rows, machine " << i << " of " << machines;
        }
        EXPECT_EQ(all[i].gradient, one.gradient);
        EXPECT_EQ(all[i].weights, one.weights);
        expect_own_rows(c, share_of_rows(c.rows, i, machines), one, all[i]);
      }
    }
  }
}

TEST(SharedRows, GiveNearlyTheSameInAnotherOrderOfSumsAndTheSameOnEachMachine) {
  const Case& c = kCases[0];
  const Trained one = train(c, {0, c.rows}, nullptr);
  const auto all = train_shared(c, 3, false);
  for (const Trained& part : all) {
    EXPECT_EQ(part.weights, all.front().weights);
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_NEAR(part.steps[step].loss, one.steps[step].loss, 1e-5);
    }
  }
}

}  // namespace
}  // namespace charrnn
