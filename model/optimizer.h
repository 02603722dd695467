#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/optimizer_kind.h"

namespace charrnn {

/// Which rule updates the weights, and its constants.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double momentum = 0.9;  ///< of sgd: the share of the last direction that the next one keeps
  bool nesterov = false;  ///< of sgd: looks ahead along the momentum

  bool operator==(const OptimizerOptions&) const = default;
};

/// The numbers of one update that are the same for every parameter, in the order that the rule
/// documents. Backends round them to float.
using UpdateFactors = std::array<double, kUpdateFactors>;

/// What an optimiser is, apart from the loops over its parameters, which each backend has.
struct OptimizerRule {
  OptimizerKind kind;
  std::string_view name;  ///< in checkpoints
  /// The buffers that it keeps, each with one value for every parameter, by PyTorch's names.
  std::span<const std::string_view> slots;
  /// Its factors of one step, which counts from 1.
  UpdateFactors (*factors)(const OptimizerOptions& options, std::uint64_t step,
                           double learning_rate);
};

/// All optimisers, in the order of OptimizerKind.
std::span<const OptimizerRule> optimizer_rules();

/// The rule of one kind.
const OptimizerRule& optimizer_rule(OptimizerKind kind);

/// The rule of this name, or null.
const OptimizerRule* find_optimizer(std::string_view name);

}  // namespace charrnn
