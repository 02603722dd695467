#include "model/optimizer.h"

#include <algorithm>
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

// Muon with Nesterov momentum on every matrix, each gate's block by itself [Jordan et al., 2024].
// The momentum is an average, of which exp_avg holds one for each weight; exp_avg_sq is of the
// biases alone and stays 0 elsewhere. Factors: Adam's for the biases; the learning rate; the
// momentum.
UpdateFactors muon_factors(const OptimizerOptions& options, std::uint64_t step,
                           double learning_rate) {
  constexpr double kMomentum = 0.95;
  UpdateFactors factors = adam_factors(options, step, options.bias_rate * learning_rate);
  factors[3] = learning_rate;
  factors[4] = kMomentum;
  return factors;
}

constexpr std::array<OptimizerRule, kOptimizers> kRules{{
    {.kind = OptimizerKind::kAdam, .slots = kAdamSlots, .factors = adam_factors},
    {.kind = OptimizerKind::kSgd, .slots = kSgdSlots, .factors = sgd_factors},
    {.kind = OptimizerKind::kMuon,
     .slots = kAdamSlots,
     .factors = muon_factors,
     .orthogonal = true},
}};

}  // namespace

std::span<const OptimizerRule> optimizer_rules() { return kRules; }

const OptimizerRule& optimizer_rule(OptimizerKind kind) {
  return kRules[static_cast<std::size_t>(kind)];
}

std::vector<std::string_view> slot_names(const OptimizerOptions& options) {
  const auto slots = optimizer_rule(options.kind).slots;
  std::vector<std::string_view> names(slots.begin(), slots.end());
  if (options.ema > 0.0) names.push_back(kAverageSlot);
  return names;
}

double average_share(const OptimizerOptions& options, std::uint64_t step) {
  const auto steps = static_cast<double>(step);
  return 1.0 - std::min(options.ema, (1.0 + steps) / (10.0 + steps));
}

double orthogonal_scale(std::int64_t rows, std::int64_t columns) {
  return std::sqrt(std::max(1.0, static_cast<double>(rows) / static_cast<double>(columns)));
}

}  // namespace charrnn
