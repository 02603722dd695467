#include "corpus/symbol_table.h"

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
}

bool SymbolTable::encode_utf8(std::string_view bytes, Symbol* out, std::size_t count) const {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const Symbol* const out_end = out + count;
  bool all_known = true;
  while (at != end && out != out_end) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80 || single_byte_) {
      *out = bytes_[byte];
      at += universal_ && byte == '\r' && at + 1 != end && at[1] == '\n' ? 2 : 1;
    } else {
      const Utf8Step step = next_utf8(at, end);
      if (!step.valid) return false;
      *out = symbol(step.character);
      at += step.length;
    }
    all_known = all_known && *out != kNone;
    ++out;
  }
  return all_known && at == end && out == out_end;
}

bool SymbolTable::encode(std::string_view bytes, Symbol* out, std::size_t count) const {
  return encode_utf8(bytes, out, count);
}

}  // namespace charrnn
