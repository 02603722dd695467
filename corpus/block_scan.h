#pragma once

#include <cstddef>
#include <cstdint>

#include "corpus/character_hash.h"
#include "corpus/histogram.h"
#include "corpus/text_form.h"

namespace charrnn {

/// One block of a file: the bytes from `begin` to `end`, with those of the text around them.
/// kMargin bytes on each side (fewer at the ends of the text) are enough to know where characters
/// begin. Memory must be readable for kMargin bytes before `begin` and kMargin + kPadding behind
/// `end`, with zeros where no text is.
struct BlockView {
  static constexpr std::size_t kMargin = 4;
  static constexpr std::size_t kPadding = 64;

  const char* begin = nullptr;
  const char* end = nullptr;
  const char* text_begin = nullptr;
  const char* text_end = nullptr;
};

/// What one pass over a block finds of the characters that begin in it.
struct BlockScan {
  std::uint64_t characters = 0;
  std::uint64_t skew = 0;           ///< bytes from the block's begin to its first character
  bool uniform = false;             ///< one byte for every character
  std::uint64_t invalid = 0;        ///< ill-formed sequences
  std::uint64_t first_invalid = 0;  ///< bytes from the block's begin to the first of them
};

/// Counts the characters of a block into `histogram`, and goes on with them in `hash`. Ill-formed
/// sequences count as U+FFFD, or as nothing with Invalid::kSkip. With kSkip a CR and a LF with only
/// ill-formed bytes between them count as two here (Python reads one LF): whoever needs it exact
/// goes over such a file again.
BlockScan scan_block(const BlockView& block, const TextForm& form, Histogram& histogram,
                     CharacterHash& hash);

}  // namespace charrnn
