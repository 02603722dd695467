#pragma once

#include <cstddef>

namespace charrnn {

/// The rules that update weights; see optimizer.h. All tables of optimisers have this order.
enum class OptimizerKind { kAdam, kSgd, kMuon };

inline constexpr std::size_t kOptimizers = 3;     ///< kinds
inline constexpr std::size_t kMostSlots = 2;      ///< that one of them keeps
inline constexpr std::size_t kUpdateFactors = 5;  ///< numbers of a step, the most that one needs

}  // namespace charrnn
