#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/named_enum.h"
#include "model/optimizer_kind.h"

namespace charrnn {

template <>
inline constexpr std::array<std::string_view, kOptimizers> kWords<OptimizerKind>{"adam", "sgd"};

/// Which rule updates the weights, and its constants.
struct OptimizerOptions {
  /// adam adapts its steps to each weight and needs little tuning. sgd keeps one value for each
  /// weight where adam keeps two, and its learning rate has to be found for each network.
  OptimizerKind kind = OptimizerKind::kAdam;

  /// Of sgd: the share of the last direction that the next one keeps, at least 0 and below 1.
  double momentum = 0.9;

  /// Of sgd: whether the gradient counts once more on top of the momentum, as if it had been taken
  /// a step further along it.
  bool nesterov = false;

  bool operator==(const OptimizerOptions&) const = default;
};

/// The numbers of one update that are the same for every parameter, in the order that the rule
/// documents. Backends round them to float.
using UpdateFactors = std::array<double, kUpdateFactors>;

/// What an optimiser is, apart from the loops over its parameters, which each backend has.
struct OptimizerRule {
  OptimizerKind kind;
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

}  // namespace charrnn
