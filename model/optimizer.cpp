#include "model/optimizer.h"

#include <cmath>

namespace charrnn {
namespace {

// torch.optim.Adam with beta1 0.9, beta2 0.999 and epsilon 1e-8, without weight decay [Kingma and
// Ba, arXiv:1412.6980]. Factors: the step size, corrected for the first moment's bias; the root of
// the second moment's correction; its inverse.
constexpr std::array<std::string_view, 2> kAdamSlots{"exp_avg", "exp_avg_sq"};

UpdateFactors adam_factors(const OptimizerOptions&, std::uint64_t step, double learning_rate) {
  constexpr double kBeta1 = 0.9;
  constexpr double kBeta2 = 0.999;
  const auto exponent = static_cast<double>(step);
  const double root = std::sqrt(1.0 - std::pow(kBeta2, exponent));
  return {learning_rate / (1.0 - std::pow(kBeta1, exponent)), root, 1.0 / root};
}

// torch.optim.SGD with momentum and without dampening or weight decay [Polyak 1964; Nesterov's form
// as in Sutskever et al., ICML 2013]. Factors: the learning rate; the momentum; the shares that the
// buffer and the gradient have in the direction.
constexpr std::array<std::string_view, 1> kSgdSlots{"momentum_buffer"};

UpdateFactors sgd_factors(const OptimizerOptions& options, std::uint64_t, double learning_rate) {
  if (options.nesterov) return {learning_rate, options.momentum, options.momentum, 1.0};
  return {learning_rate, options.momentum, 1.0, 0.0};
}

constexpr std::array<OptimizerRule, kOptimizers> kRules{{
    {OptimizerKind::kAdam, kAdamSlots, adam_factors},
    {OptimizerKind::kSgd, kSgdSlots, sgd_factors},
}};

}  // namespace

std::span<const OptimizerRule> optimizer_rules() { return kRules; }

const OptimizerRule& optimizer_rule(OptimizerKind kind) {
  return kRules[static_cast<std::size_t>(kind)];
}

}  // namespace charrnn
