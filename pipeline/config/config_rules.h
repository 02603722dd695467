#pragma once

#include <string>
#include <vector>

#include "pipeline/config/config.h"

namespace charrnn {

/// Values that are fine by themselves and impossible together.
struct BrokenRule {
  std::string key;  ///< the one to change
  std::string message;
  std::string suggestion;
};

/// All impossible combinations of a configuration.
std::vector<BrokenRule> broken_rules(const Config& config);

}  // namespace charrnn
