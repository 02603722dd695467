#include "corpus/symbol_table.h"

#include <algorithm>

#include "corpus/utf8.h"

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
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    bytes_[byte] = symbol(static_cast<char32_t>(byte));
  }
  if (universal_) bytes_['\r'] = bytes_['\n'];
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

bool SymbolTable::encode(std::string_view bytes, Symbol* out, std::size_t count) const {
  // Below this the call for a run of ASCII costs more than it saves.
  constexpr std::size_t kRun = 8;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const Symbol* const out_end = out + count;
  std::size_t plain = kRun;  // ASCII characters in a row
  while (at != end && out != out_end) {
    if (plain >= kRun) {
      const auto most = static_cast<std::size_t>(std::min(end - at, out_end - out));
      const std::size_t done = look_up_ascii(at, most, ascii_, universal_, out);
      at += done;
      out += done;
      plain = 0;
      if (done == most) continue;
    }
    plain = static_cast<unsigned char>(*at) < 0x80 ? plain + 1 : 0;
    const std::size_t length = next(at, end, *out);
    if (length == 0 || *out++ == kNone) return false;
    at += length;
  }
  return at == end && out == out_end;
}

}  // namespace charrnn
