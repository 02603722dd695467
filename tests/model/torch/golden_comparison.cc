#include "tests/model/torch/golden_comparison.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "model/checkpoint/safetensors.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr double kLoss = 1e-5;
constexpr double kNorm = 1e-4;

/// What golden_values.py wrote.
class Golden {
 public:
  explicit Golden(const std::filesystem::path& file) : tensors_(read_safetensors(file)) {
    const auto& inputs = tensors_.at("inputs").shape;
    steps_ = static_cast<int>(inputs[0]);
    rows_ = static_cast<int>(inputs[1]);
    length_ = static_cast<int>(inputs[2]);
    const auto& fc = tensors_.at("initial.fc.weight").shape;
    shape_ = {static_cast<int>(fc[0]), static_cast<int>(fc[1]), 0};
    while (tensors_.contains("initial.lstm.bias_ih_l" + std::to_string(shape_.layers))) {
      ++shape_.layers;
    }
  }

  int steps() const { return steps_; }
  const NetworkShape& shape() const { return shape_; }
  double loss(int step) const { return values("losses")[static_cast<std::size_t>(step)]; }
  const std::vector<float>& values(const std::string& name) const {
    return tensors_.at(name).values;
  }

  TrainState start() const {
    Weights weights;
    for (const TensorSpec& tensor : parameter_layout(shape_)) {
      const std::vector<float>& part = values("initial." + tensor.name);
      weights.insert(weights.end(), part.begin(), part.end());
    }
    return fresh_state(shape_, rows_, std::move(weights));
  }

  Batch batch(int step) const {
    Batch batch;
    batch.index = static_cast<std::uint64_t>(step);
    batch.starts_epoch = step == 0;
    batch.rows = rows_;
    batch.length = length_;
    const int size = rows_ * length_;
    for (int i = step * size; i < (step + 1) * size; ++i) {
      batch.inputs.push_back(static_cast<Symbol>(values("inputs")[static_cast<std::size_t>(i)]));
      batch.targets.push_back(static_cast<Symbol>(values("targets")[static_cast<std::size_t>(i)]));
    }
    return batch;
  }

  StepSettings settings(int step) const {
    StepSettings settings;
    settings.step = static_cast<std::uint64_t>(step) + 1;
    settings.learning_rate = values("settings")[0];
    settings.clip = values("settings")[1];
    return settings;
  }

  /// Differences of every tensor of `all` from the tensors that begin with `prefix`.
  void compare(const std::string& what, const std::string& prefix, const Weights& all,
               std::vector<Difference>& differences) const {
    for (const TensorSpec& tensor : parameter_layout(shape_)) {
      const double relative = relative_distance(all.data() + tensor.offset,
                                                values(prefix + tensor.name).data(), tensor.size);
      differences.push_back({what + " " + tensor.name, relative, kNorm});
    }
  }

 private:
  std::map<std::string, Tensor> tensors_;
  int steps_ = 0;
  int rows_ = 0;
  int length_ = 0;
  NetworkShape shape_;
};

/// Adam's first moment after one step is a tenth of the gradient that it was given.
Weights clipped_gradient(const Backend& after_first_step) {
  Weights gradient = after_first_step.state().slots[0].values;
  for (float& value : gradient) value *= 10.0F;
  return gradient;
}

}  // namespace

std::vector<Difference> compare_with_golden(const std::filesystem::path& file,
                                            const MakeBackend& make_backend) {
  const Golden golden(file);
  const auto backend = make_backend(golden.start());
  std::vector<Difference> differences;
  for (int step = 0; step < golden.steps(); ++step) {
    const auto batch = backend->transfer(golden.batch(step));
    const double loss = backend->begin(batch, golden.settings(step))().loss;
    const double relative = std::abs(loss - golden.loss(step)) / golden.loss(step);
    differences.push_back({"loss " + std::to_string(step), relative, kLoss});
    if (step == 0) {
      golden.compare("clipped gradient", "clipped_gradient.", clipped_gradient(*backend),
                     differences);
    }
  }
  golden.compare("weights", "final.", *backend->weights(), differences);
  return differences;
}

}  // namespace charrnn
