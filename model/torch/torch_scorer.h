#pragma once

#include <memory>

#include "model/backend.h"
#include "model/torch/engine.h"

namespace charrnn {

/// Scores text with these weights; see Scorer. Leaves torch alone until the first batch, so that
/// any thread may make one.
std::unique_ptr<Scorer> make_torch_scorer(const NetworkShape& shape,
                                          std::shared_ptr<const Weights> weights,
                                          const Engine& engine);

}  // namespace charrnn
