#pragma once

#include <cstdint>

#include "corpus/corpus.h"

namespace charrnn {

/// How the text is cut into batches: the lecture's `get_batches`, as arithmetic.
/// The text is cut to full batches and into B equal stretches, one a row (its lane); window w of a
/// row is T characters from w * T on in its lane. Each character's target is the next one; the very
/// last target of a lane is the lane's first character.
/// Shuffled, the lanes lie over the blocks of the text in another order each epoch: which
/// characters a window then holds is what stretches() says.
struct Lanes {
  CharacterRange text;              ///< what is trained (or validated) on
  int rows = 0;                     ///< B
  int length = 0;                   ///< T
  std::uint64_t shuffle_block = 0;  ///< characters of a block; 0: in the order of the text
  std::uint64_t seed = 0;           ///< of the order of blocks
  int first_read = 0;               ///< the first row that is read here
  int rows_read = 0;                ///< how many are; 0: all. Other machines read the others

  /// Rows that are read here.
  int own_rows() const { return rows_read > 0 ? rows_read : rows; }

  /// Batches in one pass over the text; 0 when it is too short for one.
  std::uint64_t windows() const {
    return text.count / (static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(length));
  }

  /// Characters of one lane.
  std::uint64_t lane_length() const { return windows() * static_cast<std::uint64_t>(length); }

  /// The place of the first character of a window of a row, counted in the order of reading.
  std::uint64_t place(int row, std::uint64_t window) const {
    return static_cast<std::uint64_t>(row) * lane_length() +
           window * static_cast<std::uint64_t>(length);
  }
};

}  // namespace charrnn
