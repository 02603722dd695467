#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/published.h"
#include "serve/engine/generation.h"
#include "serve/options.h"

namespace charrnn {

/// What `options` ask for, as choice 0 of this seed, behind these symbols in place of the prompt
/// that they name. Throws Error(kUsage) when their regular expression cannot be used.
Generation asked_text(const std::shared_ptr<const Snapshot>& snapshot,
                      const GenerateOptions& options, std::vector<Symbol> prompt,
                      std::uint64_t seed);

}  // namespace charrnn
