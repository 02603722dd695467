#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "corpus/symbol.h"
#include "corpus/vocabulary.h"

namespace charrnn {

/// What happens to a character that a model does not know: its vocabulary lacks it, and has no
/// `<unk>` either.
enum class UnknownCharacters {
  kError,   ///< the text is refused, and the message names the character
  kSkip,    ///< it is left out
  kReplace  ///< it is read as stand_in() says
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<UnknownCharacters>{"error", "skip",
                                                                           "replace"};

/// How read_text() deals with unknown characters, and how its messages name things.
struct UnknownRule {
  UnknownCharacters what = UnknownCharacters::kError;
  std::string text = "the prompt";  ///< the name of the text for the user
  std::string key = {};             ///< of the configuration, which allows the other ways, if any
};

/// One character of a text as a model reads it.
struct ReadCharacter {
  char32_t character = 0;        ///< U+FFFD for ill-formed bytes; a byte where symbols are bytes
  std::optional<Symbol> symbol;  ///< nothing when it is left out
};

/// Reads a text (UTF-8, or bytes where the vocabulary's symbols are bytes) exactly as the corpus of
/// this vocabulary was read: a byte order mark at its begin is dropped, newlines are translated and
/// characters composed as vocabulary.reading() says; a character that was folded into `<unk>`, or
/// that never occurred, is `<unk>` if there is one, and so is U+FFFD, which stands for `<unk>` in
/// what a model writes. Throws Error(kUsage) with UnknownCharacters::kError: names the first
/// unknown character, or the first bytes that are not valid UTF-8, by its number from 1.
std::vector<ReadCharacter> read_text(std::string_view text, const Vocabulary& vocabulary,
                                     const UnknownRule& rule = {});

/// The symbols of read_text(), without what is left out.
std::vector<Symbol> read_symbols(std::string_view text, const Vocabulary& vocabulary,
                                 const UnknownRule& rule = {});

/// What an unknown character is replaced by: the first of `<unk>`, U+FFFD, '?' and space that the
/// vocabulary has; nothing when it has none of them.
std::optional<Symbol> stand_in(const Vocabulary& vocabulary);

}  // namespace charrnn
