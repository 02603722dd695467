#pragma once

#include <cstdint>
#include <string_view>

namespace charrnn {

/// A hash of a sequence of characters that depends on the characters and their order alone, and not
/// on how they are stored or cut into parts: that of a whole is found from those of its parts, so
/// that parts may be hashed at the same time. It is the CRC-64 of ECMA-182, as xz has it, of the
/// characters in UTF-8 (or of the bytes, where these are the symbols).
struct CharacterHash {
  std::uint64_t crc = 0;
  std::uint64_t bytes = 0;  ///< that were hashed

  /// Goes on with more text.
  void add(std::string_view utf8);

  /// Goes on with a part that was hashed by itself.
  void join(const CharacterHash& next);

  bool operator==(const CharacterHash&) const = default;
};

}  // namespace charrnn
