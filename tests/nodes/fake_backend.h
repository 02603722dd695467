#pragma once

#include <functional>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "model/backend.h"

namespace charrnn {

/// A scorer whose loss is the mean of the inputs plus the first weight.
class FakeScorer : public Scorer {
 public:
  explicit FakeScorer(float weight) : weight_(weight) {}
  double score(const Batch& batch) override {
    return weight_ + std::accumulate(batch.inputs.begin(), batch.inputs.end(), 0.0) /
                         static_cast<double>(batch.inputs.size());
  }

 private:
  float weight_;
};

/// A network of one weight that counts its steps; the loss of step n is 1 / n unless told
/// otherwise.
class FakeBackend : public Backend {
 public:
  std::function<double(std::uint64_t step)> loss = [](std::uint64_t step) {
    return 1.0 / static_cast<double>(step);
  };

  int deep = 2;                       ///< depth()
  std::vector<float> learning_rates;  ///< of the steps so far

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return std::make_shared<DeviceBatch>(std::move(batch));
  }
  int depth() const override { return deep; }
  BegunStep begin(std::shared_ptr<const DeviceBatch> batch, const StepSettings& settings) override {
    weight_ = weight_ * 31 + static_cast<float>(batch->host().index % 7);
    ++steps_;
    learning_rates.push_back(settings.learning_rate);
    const StepResult result{.loss = loss(settings.step), .gradient_norm = 0.5};
    return [result] { return result; };
  }
  Weights gradients() const override { return {0.0F}; }
  std::shared_ptr<const Weights> weights() const override {
    return std::make_shared<Weights>(Weights{weight_});
  }
  TrainState state() const override {
    TrainState state;
    state.steps = steps_;
    state.weights = {weight_};
    return state;
  }
  std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const override {
    return std::make_unique<FakeScorer>(weights->front());
  }
  std::uint64_t steps() const { return steps_; }
  void set_weight(float weight) { weight_ = weight; }

 private:
  std::uint64_t steps_ = 0;
  float weight_ = 0.0F;
};

}  // namespace charrnn
