#include "model/hash_backend.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace charrnn {
namespace {

TrainState start() {
  const NetworkShape shape{.vocabulary = 5, .hidden = 2, .layers = 1};
  return fresh_state(shape, 2, initial_weights(shape, 0));
}

Batch batch(std::uint64_t index) {
  Batch made;
  made.index = index;
  made.starts_epoch = index == 0;
  made.rows = 2;
  made.length = 2;
  made.inputs = {0, 1, 2, 3};
  made.targets = {1, 2, 3, static_cast<Symbol>(index % 5)};
  return made;
}

std::string digest_of(const Batch& one) {
  const auto backend = make_digesting_backend(start());
  backend->begin(backend->transfer(one), {})();
  return backend->digest();
}

TEST(HashBackend, ChangesItsDigestWithEveryFieldThatTrainingDependsOn) {
  const std::string digest = digest_of(batch(1));
  EXPECT_EQ(digest.size(), 32U);
  Batch other = batch(1);
  other.index = 2;
  EXPECT_NE(digest_of(other), digest);
  other = batch(1);
  other.epoch = 2;
  EXPECT_NE(digest_of(other), digest);
  other = batch(1);
  other.starts_epoch = true;
  EXPECT_NE(digest_of(other), digest);
  other = batch(1);
  other.inputs[3] = 4;
  EXPECT_NE(digest_of(other), digest);
  other = batch(1);
  other.targets[0] = 4;
  EXPECT_NE(digest_of(other), digest);
  other = batch(1);
  other.resets = {0, 0, 1, 0};
  EXPECT_NE(digest_of(other), digest);
}

TEST(HashBackend, IsTheSameForAnyStripe) {
  Batch other = batch(1);
  other.ends_stripe = true;
  EXPECT_EQ(digest_of(other), digest_of(batch(1)));
}

TEST(HashBackend, GoesOnFromACheckpointAsIfItHadNeverStopped) {
  const auto whole = make_digesting_backend(start());
  const auto first = make_digesting_backend(start());
  for (std::uint64_t i = 0; i < 3; ++i) whole->begin(whole->transfer(batch(i)), {.step = i + 1})();
  first->begin(first->transfer(batch(0)), {.step = 1})();
  EXPECT_EQ(first->state().steps, 1U);
  const auto second = make_digesting_backend(first->state());
  EXPECT_EQ(second->digest(), first->digest());
  for (std::uint64_t i = 1; i < 3; ++i)
    second->begin(second->transfer(batch(i)), {.step = i + 1})();
  EXPECT_EQ(second->digest(), whole->digest());
  EXPECT_NE(second->digest(), first->digest());
}

TEST(HashBackend, LeavesTheWeightsAlone) {
  const auto backend = make_hash_backend(start());
  const StepResult result = backend->begin(backend->transfer(batch(0)), {})();
  EXPECT_EQ(result.loss, 0.0);
  EXPECT_EQ(*backend->weights(), start().weights);
}

TEST(HashBackend, RefusesADigestThatIsNone) {
  TrainState state = start();
  state.digest = std::string(31, '0');
  EXPECT_THROW(make_hash_backend(state), Error);
  state.digest = std::string(31, '0') + "x";
  EXPECT_THROW(make_hash_backend(state), Error);
}

}  // namespace
}  // namespace charrnn
