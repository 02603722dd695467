#pragma once

#include <cstdint>
#include <vector>

#include "nodes/lanes.h"

namespace charrnn {

/// Characters of one row that follow each other in the text.
struct Stretch {
  std::uint64_t first = 0;   ///< the corpus's number of its first character
  std::uint64_t count = 0;   ///< characters
  std::uint64_t target = 0;  ///< the corpus's number of the last one's target
  bool resets = false;       ///< the row's state is zeroed before the first one
};

/// What `windows` windows of a row hold, from `window` of an epoch (from 1) on. In the order of the
/// text that is one stretch. Shuffled, place p of an epoch's reading is character p % S of block
/// permutation(p / S), S being the block's size: a block begins with a zeroed state, its last
/// target is the character behind it in the text, and the text's end that fills no block stays at
/// the end. A pure function in constant time for each stretch, so a run goes on anywhere.
std::vector<Stretch> stretches(const Lanes& lanes, int row, std::uint64_t epoch,
                               std::uint64_t window, int windows);

}  // namespace charrnn
