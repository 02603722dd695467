#pragma once

#include <string>

namespace charrnn {

/// What a character is to someone who wonders whether it belongs into a text.
enum class CharacterKind {
  kOrdinary,
  kControl,      ///< controls other than newline and tab; line and paragraph separators
  kInvisible,    ///< format characters: zero-width ones, soft hyphens, marks of direction
  kReplacement,  ///< U+FFFD: something was lost when the text was converted before
  kPrivateUse,
  kUnassigned  ///< no character of the Unicode version of the library, or none ever
};

CharacterKind kind_of(char32_t character);

/// How a message names a character: its number (`U+000A`), with what it looks like where that can
/// be shown (`'a' U+0061`); `byte 0x0A` when `bytes`; `<unk>` for kUnknownCharacter.
std::string character_name(char32_t character, bool bytes = false);

}  // namespace charrnn
