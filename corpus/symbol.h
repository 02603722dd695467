#pragma once

#include <cstdint>

namespace charrnn {

/// The number of a character in the vocabulary, 0 .. size-1. Two bytes hold every alphabet in use;
/// a corpus with more than 65,535 distinct characters is refused with a hint at `corpus.min_count`.
using Symbol = std::uint16_t;

}  // namespace charrnn
