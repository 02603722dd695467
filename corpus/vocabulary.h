#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "corpus/symbol.h"
#include "corpus/text_reading.h"

namespace charrnn {

/// The most symbols that an alphabet may have, `<unk>` included.
inline constexpr std::size_t kMaxSymbols = 65535;

/// What stands for `<unk>` among the characters: the first number beyond Unicode, so it is always
/// the last symbol and never a character of a text.
inline constexpr char32_t kUnknownCharacter = 0x110000;

/// What it is called, in files and to people.
inline constexpr std::string_view kUnknownName = "<unk>";

/// The vocabulary of a model: its characters in the order of their symbols, how often each stood in
/// the corpus, and how the corpus was read. Const members may be called from any number of threads.
class Vocabulary {
 public:
  Vocabulary() = default;

  /// `characters`: code points (bytes 0..255 when `bytes`), strictly ascending; `counts`: one each.
  /// `unknown`: the symbol that stands for characters which have none of their own (`<unk>`); its
  /// character is kUnknownCharacter.
  /// Throws Error(kCheckpoint) when they do not fit together.
  Vocabulary(std::vector<char32_t> characters, std::vector<std::uint64_t> counts,
             bool bytes = false, std::optional<Symbol> unknown = std::nullopt);

  std::size_t size() const { return characters_.size(); }
  const std::vector<char32_t>& characters() const { return characters_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }

  /// True when a symbol is a raw byte and not a Unicode character (`corpus.encoding = bytes`).
  bool bytes() const { return bytes_; }

  /// The symbol of `<unk>`, if this alphabet has one.
  std::optional<Symbol> unknown() const { return unknown_; }

  /// The symbol of a character itself; never that of `<unk>`.
  std::optional<Symbol> find(char32_t character) const;

  /// How text becomes the characters of this vocabulary; read_text() applies it. Until it was set:
  /// universal newlines, nothing composed, no documents.
  TextReading reading() const { return reading_.value_or(TextReading{.universal = !bytes_}); }

  /// Whether it was set. A vocabulary that an earlier version of the program wrote has none.
  bool has_reading() const { return reading_.has_value(); }
  void set_reading(TextReading reading) { reading_ = std::move(reading); }

  /// Appends the text of one symbol to `out`: UTF-8, or the byte. `<unk>` becomes U+FFFD.
  void append(Symbol symbol, std::string& out) const;

  /// The text of many symbols.
  std::string decode(const std::vector<Symbol>& symbols) const;

  /// JSON of `vocabulary.json`: one object with `encoding` (utf-8 or bytes), `symbols` in order
  /// (strings of one character, or numbers of bytes; `<unk>` for unknown()) and their `counts`;
  /// with a reading also `newlines` (universal or keep), `normalise` (none or nfc), `documents` and
  /// `separator` (a list of characters, written as the symbols are). Byte-deterministic.
  std::string to_json() const;

  /// The reverse of to_json; trusts nothing. Throws Error(kCheckpoint).
  static Vocabulary from_json(std::string_view json);

  /// The same symbols; counts and reading may differ.
  bool operator==(const Vocabulary& other) const {
    return characters_ == other.characters_ && bytes_ == other.bytes_ && unknown_ == other.unknown_;
  }

 private:
  std::vector<char32_t> characters_;
  std::vector<std::uint64_t> counts_;
  bool bytes_ = false;
  std::optional<Symbol> unknown_;
  std::optional<TextReading> reading_;
};

}  // namespace charrnn
