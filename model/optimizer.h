#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "model/optimizer_kind.h"

namespace charrnn {

template <>
inline constexpr std::array<std::string_view, kOptimizers> kWords<OptimizerKind>{"adam", "sgd",
                                                                                 "muon"};

/// Which rule updates the weights, and its constants.
struct OptimizerOptions {
  /// adam adapts its steps to each weight and needs little tuning. sgd keeps one value for each
  /// weight where adam keeps two, and its learning rate has to be found for each network. muon
  /// moves every matrix in all of its directions evenly. It learns most from little text in little
  /// time; a learning rate of 0.04 to 0.1 that falls to 0 suits it, with a clip of 1.
  OptimizerKind kind = OptimizerKind::kAdam;

  /// Of sgd: the share of the last direction that the next one keeps, at least 0 and below 1.
  double momentum = 0.9;

  /// Of sgd: whether the gradient counts once more on top of the momentum, as if it had been taken
  /// a step further along it.
  bool nesterov = false;

  /// Of muon: the learning rate of the biases, which Adam updates, as a share of the learning rate
  /// of the matrices.
  double bias_rate = 0.05;

  /// The share of each matrix's weights, times the learning rate, that a step takes away besides
  /// its update, whatever the optimiser (with adam that is AdamW [Loshchilov and Hutter,
  /// arXiv:1711.05101]); 0: none. Raise it when the validation loss rises while the training loss
  /// still falls. Muon suits 0.02 to 0.1, adam 0.01 to 1.
  double weight_decay = 0.0;

  /// Whether only those weights decay which the update itself moves towards 0 [Chen et al.,
  /// arXiv:2510.12402].
  bool cautious_decay = false;

  /// The decay of an average of the weights, in which older ones count less and less: at least 0
  /// and below 1, for example 0.999; 0: none. The average is what is validated, served and saved as
  /// the model, while training goes on with the weights themselves. It pays when the learning rate
  /// stays high until the run ends.
  double ema = 0.0;

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
  /// True when a matrix's direction is orthogonalised block by block. Then `factors` begin with
  /// those of Adam, which updates all that is no matrix with the same slots.
  bool orthogonal = false;
};

/// The name of the buffer that holds the average of the weights.
inline constexpr std::string_view kAverageSlot = "ema";

/// What is kept with one value for every parameter: the rule's slots, then the average if there is
/// one.
std::vector<std::string_view> slot_names(const OptimizerOptions& options);

/// The share that the weights of a step, from 1, have in the average after it. It begins high, so
/// that the average soon forgets the network's first weights.
double average_share(const OptimizerOptions& options, std::uint64_t step);

/// Newton-Schulz iteration, which makes a matrix orthogonal without decomposing it: each step makes
/// X (a + b G + c G^2) of X, with G = X^T X, and pulls the singular values towards 1. X is first
/// divided by its Frobenius norm, and then by the fourth root of that of G^2, which is not below
/// its largest singular value and closer to it, so that two steps and one of c = 0 do the work of
/// the five of Muon [Jordan et al., kellerjordan.github.io/posts/muon, 2024]. Each step's
/// polynomial is the best one for the values that the step before leaves [Amsel et al., The Polar
/// Express, arXiv:2505.16932], with a margin of 1 % for rounding. What was above 1.5 % of that
/// bound ends between 0.61 and 1.16, with a mean of 0.91 as Muon's.
struct NewtonSchulzSeries {
  struct Step {
    double a, b, c;
  };
  static constexpr std::array<Step, 3> kSteps{
      {{7.8977, -22.8490, 16.8329}, {3.3731, -2.4789, 0.4924}, {1.6252, -0.4740, 0.0}}};
  static constexpr double kMargin = 1.02;  ///< of that bound, where the polynomials are steep
  /// A matrix with a smaller norm counts as zeros, and one that is not much larger moves less: the
  /// result is multiplied by norm / (norm + kEpsilon).
  static constexpr double kSmallest = 1e-30, kEpsilon = 1e-7;
};

/// What the orthogonal direction of a block [rows, columns] is multiplied by, besides the rate.
double orthogonal_scale(std::int64_t rows, std::int64_t columns);

/// All optimisers, in the order of OptimizerKind.
std::span<const OptimizerRule> optimizer_rules();

/// The rule of one kind.
const OptimizerRule& optimizer_rule(OptimizerKind kind);

}  // namespace charrnn
