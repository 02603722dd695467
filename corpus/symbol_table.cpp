#include "corpus/symbol_table.h"

#include <algorithm>

#include "base/utf8.h"

namespace charrnn {

SymbolTable::SymbolTable(const Vocabulary& vocabulary, const TextForm& form)
    : single_byte_(form.single_byte()), universal_(form.universal) {
  const Symbol none = vocabulary.unknown().value_or(kNone);
  pages_.assign(256, none);
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    const char32_t character = vocabulary.characters()[i];
    if (character == kUnknownCharacter) continue;
    std::uint16_t& page = page_[character >> 8];
    if (page == 0) {
      page = static_cast<std::uint16_t>(pages_.size() >> 8);
      pages_.resize(pages_.size() + 256, none);
    }
    pages_[page << 8 | (character & 0xFF)] = static_cast<Symbol>(i);
  }
  // The way through blocks sees a CR that stands for LF as any other character.
  if (universal_) pages_[page_[0] << 8 | '\r'] = symbol(U'\n');
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    bytes_[byte] = symbol(form.character_of(static_cast<unsigned char>(byte)));
  }
  std::array<Symbol, 128> ascii;
  std::copy_n(bytes_.begin(), ascii.size(), ascii.begin());
  ascii_ = AsciiSymbols(ascii);
}

/// The symbol of the character at `at`. Returns its length in bytes; 0 when there is none.
std::size_t SymbolTable::next(const char* at, const char* end, Symbol& next_symbol) const {
  const auto byte = static_cast<unsigned char>(*at);
  if (byte < 0x80 || single_byte_) {
    next_symbol = bytes_[byte];
    return universal_ && byte == '\r' && at + 1 != end && at[1] == '\n' ? 2 : 1;
  }
  const Utf8Step step = next_utf8(at, end);
  next_symbol = symbol(step.character);
  return step.valid ? step.length : 0;
}

void SymbolTable::encode_ascii(Progress& to, const char* end, const Symbol* out_end) const {
  const auto most = static_cast<std::size_t>(std::min(end - to.at, out_end - to.out));
  const std::size_t done = look_up_ascii(to.at, most, ascii_, universal_, to.out);
  to.at += done;
  to.out += done;
}

/// The characters that begin in whole blocks of 64 bytes, of well-formed UTF-8. Returns false when
/// one has no symbol, or there are too many.
bool SymbolTable::encode_blocks(Progress& to, const char* end, const Symbol* out_end) const {
  constexpr std::ptrdiff_t kBlock = 64;
  constexpr std::ptrdiff_t kBehind = 4;
  char32_t characters[kBlock];
  bool known = true;
  while (known && end - to.at >= kBlock + kBehind) {
    // The LF of a CR that ended the block before belongs to that CR.
    const bool split_pair = universal_ && to.at[0] == '\n' && to.at[-1] == '\r';
    if (!split_pair && out_end - to.out >= kBlock && avx2::is_ascii(to.at, kBlock)) {
      const std::size_t done = look_up_ascii(to.at, kBlock, ascii_, universal_, to.out);
      if (done == kBlock) {
        to.at += done;
        to.out += done;
        continue;
      }
    }
    const std::size_t count = avx2::code_points_of_64(to.at, universal_, characters);
    if (static_cast<std::ptrdiff_t>(count) > out_end - to.out) return false;
    for (std::size_t i = 0; i < count; ++i) {
      to.out[i] = symbol(characters[i]);
      known = known && to.out[i] != kNone;
    }
    to.out += count;
    to.at += kBlock;
  }
  // The last character may go on behind its block.
  while (to.at != end && is_utf8_continuation(*to.at)) ++to.at;
  if (universal_ && to.at != end && *to.at == '\n' && to.at[-1] == '\r') ++to.at;
  return known;
}

bool SymbolTable::encode_one(Progress& to, const char* end) const {
  const std::size_t length = next(to.at, end, *to.out);
  to.at += length;
  return length > 0 && *to.out++ != kNone;
}

bool SymbolTable::encode(std::string_view bytes, Symbol* out, std::size_t count) const {
  const char* const end = bytes.data() + bytes.size();
  const Symbol* const out_end = out + count;
  Progress to{bytes.data(), out};
  encode_ascii(to, end, out_end);
  if (to.at == end || to.out == out_end) return to.at == end && to.out == out_end;
  // What ended the run of ASCII; blocks need a byte before them.
  if (!encode_one(to, end)) return false;
  const auto left = static_cast<std::size_t>(end - to.at);
  const bool in_blocks = has_avx2() && !single_byte_ && avx2::is_well_formed(to.at, left);
  if (in_blocks && !encode_blocks(to, end, out_end)) return false;
  while (to.at != end && to.out != out_end) {
    if (!encode_one(to, end)) return false;
    if (!in_blocks) encode_ascii(to, end, out_end);
  }
  return to.at == end && to.out == out_end;
}

}  // namespace charrnn
