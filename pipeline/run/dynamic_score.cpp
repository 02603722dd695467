#include "pipeline/run/dynamic_score.h"

#include <cmath>
#include <memory>

#include "base/error.h"
#include "pipeline/run/backend_choice.h"

namespace charrnn {
namespace {

std::unique_ptr<Backend> learner(const Config& config, const Snapshot& model) {
  const OptimizerOptions rule{.kind = config.evaluate.optimizer, .momentum = 0.0};
  return make_backend(choose_backend(config.runtime),
                      fresh_state(model.network, 1, *model.weights, rule));
}

}  // namespace

double dynamic_score(const Config& config, const Snapshot& model, BatchSource& source,
                     const std::atomic<bool>& stop) {
  const auto backend = learner(config, model);
  StepSettings settings{.learning_rate = static_cast<float>(config.evaluate.learning_rate),
                        .clip = static_cast<float>(config.train.clip)};
  double sum = 0.0;
  std::uint64_t batches = 0;
  while (auto batch = stop ? std::nullopt : source.next()) {
    settings.step = ++batches;
    sum += backend->begin(backend->transfer(std::move(*batch)), settings)().loss;
    if (std::isfinite(sum)) continue;
    throw Error(ErrorKind::kDiverged,
                "the weights diverged while they learned from the text: lower "
                "evaluate.learning_rate");
  }
  check_stop(&stop, "scoring the text");
  return sum / static_cast<double>(batches);
}

}  // namespace charrnn
