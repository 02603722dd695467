#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "corpus/byte_scan.h"
#include "corpus/symbol.h"
#include "corpus/text_form.h"
#include "corpus/vocabulary.h"

namespace charrnn {

/// From well-formed text to the symbols of one vocabulary. Immutable and shared between threads.
class SymbolTable {
 public:
  /// The symbol that no character has.
  static constexpr Symbol kNone = AsciiSymbols::kNone;

  SymbolTable(const Vocabulary& vocabulary, const TextForm& form);

  /// What find(character) of the vocabulary says, else that of `<unk>`, else kNone.
  Symbol symbol(char32_t character) const {
    return character >= 0x110000 ? kNone : pages_[page_[character >> 8] << 8 | (character & 0xFF)];
  }

  /// Writes the symbols of the characters in `bytes`, exactly `count`, to `out`; CRLF and CR are LF
  /// where the form says so. Returns false when the bytes hold another number of characters, are
  /// ill-formed, or hold one that has no symbol.
  bool encode(std::string_view bytes, Symbol* out, std::size_t count) const;

 private:
  /// How far encode() came.
  struct Progress {
    const char* at = nullptr;
    Symbol* out = nullptr;
  };

  void encode_ascii(Progress& to, const char* end, const Symbol* out_end) const;
  bool encode_blocks(Progress& to, const char* end, const Symbol* out_end) const;
  bool encode_one(Progress& to, const char* end) const;
  std::size_t next(const char* at, const char* end, Symbol& symbol) const;

  bool single_byte_;
  bool universal_;
  std::array<Symbol, 256> bytes_;  // of one-byte characters
  AsciiSymbols ascii_;
  std::array<std::uint16_t, 0x1100>
      page_{};  // number in pages_ of 256 code points each; 0: the empty one
  std::vector<Symbol> pages_;
};

}  // namespace charrnn
