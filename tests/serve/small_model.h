#pragma once

#include <memory>
#include <string>

#include "model/published.h"
#include "serve/server.h"

namespace charrnn {

/// A small real network over a-z, space, newline, 'é' and '😀', with weights of this seed.
std::shared_ptr<const Snapshot> small_snapshot(std::uint64_t seed, int hidden = 24);

/// The same network over all 256 bytes.
std::shared_ptr<const Snapshot> byte_snapshot(std::uint64_t seed);

/// The text that generate() gives.
std::string generated(const Snapshot& snapshot, const std::string& prompt, std::uint64_t length,
                      std::uint64_t seed);

}  // namespace charrnn
