#pragma once

#include <cstdint>

#include "corpus/corpus.h"

namespace charrnn {

/// Which characters of a text every batch holds: the lecture's `get_batches`, as arithmetic.
/// The text is cut to full batches and into B equal stretches, one a row (its lane); window w of a
/// row is T characters from w * T on in its lane. Each character's target is the next one; the very
/// last target of a lane is the lane's first character.
struct Lanes {
  CharacterRange text;  ///< what is trained (or validated) on
  int rows = 0;         ///< B
  int length = 0;       ///< T

  /// Batches in one pass over the text; 0 when it is too short for one.
  std::uint64_t windows() const {
    return text.count / (static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(length));
  }

  /// Characters of one lane.
  std::uint64_t lane_length() const { return windows() * static_cast<std::uint64_t>(length); }

  /// The corpus's number of the first character of a window of a row.
  std::uint64_t first(int row, std::uint64_t window) const {
    return text.first + static_cast<std::uint64_t>(row) * lane_length() +
           window * static_cast<std::uint64_t>(length);
  }

  /// The corpus's number of the last target of a window of a row.
  std::uint64_t last_target(int row, std::uint64_t window) const {
    return window + 1 == windows() ? first(row, 0) : first(row, window + 1);
  }
};

}  // namespace charrnn
