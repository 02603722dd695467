#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/backend.h"

namespace charrnn {

/// How far a backend is from PyTorch in one quantity.
struct Difference {
  std::string quantity;   ///< "loss 0", "gradient lstm.weight_ih_l0", "weights fc.bias", ...
  double relative = 0.0;  ///< |a - b| / |b| of a loss, ||a - b|| / ||b|| of a tensor
  double allowed = 0.0;

  bool within() const { return relative <= allowed; }
};

/// A backend in training from a given state.
using MakeBackend = std::function<std::unique_ptr<Backend>(const TrainState&)>;

/// Trains on the batches of a file that tests/data/golden/golden_values.py wrote, from its weights,
/// and compares: every loss (1e-5), every tensor of step 0's clipped gradient (1e-4) and of the
/// weights after the last step (1e-4). Throws Error(kCheckpoint) when the file cannot be used.
std::vector<Difference> compare_with_golden(const std::filesystem::path& file,
                                            const MakeBackend& make_backend);

}  // namespace charrnn
