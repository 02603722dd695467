#include "corpus/character_kind.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "corpus/vocabulary.h"

namespace charrnn {
namespace {

std::string hex(char32_t character, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    text.push_back("0123456789ABCDEF"[character >> shift & 15]);
  }
  return text;
}

bool can_be_shown(char32_t character) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_MN:  // would stand on the quote before it
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return false;
    default:
      return kind_of(character) == CharacterKind::kOrdinary && character >= 0x20;
  }
}

}  // namespace

CharacterKind kind_of(char32_t character) {
  if (character == U'\n' || character == U'\t') return CharacterKind::kOrdinary;
  if (character == U'\uFFFD') return CharacterKind::kReplacement;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return CharacterKind::kControl;
    case UTF8PROC_CATEGORY_CF:
      return CharacterKind::kInvisible;
    case UTF8PROC_CATEGORY_CO:
      return CharacterKind::kPrivateUse;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
      return CharacterKind::kUnassigned;
    default:
      return CharacterKind::kOrdinary;
  }
}

std::string character_name(char32_t character, bool bytes) {
  if (character == kUnknownCharacter) return std::string(kUnknownName);
  if (bytes) return "byte 0x" + hex(character, 2);
  const std::string number = "U+" + hex(character, character > 0xFFFFF  ? 6
                                                   : character > 0xFFFF ? 5
                                                                        : 4);
  if (!can_be_shown(character)) return number;
  std::string name = "'";
  append_utf8(character, name);
  return name + "' " + number;
}

}  // namespace charrnn
