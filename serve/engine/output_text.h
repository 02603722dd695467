#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "serve/engine/generation.h"
#include "serve/engine/stop_texts.h"
#include "serve/engine/utf8_gate.h"

namespace charrnn {

/// What one row gives to its client: whole characters, each score beside its text, and nothing that
/// may belong to a stop text. One thread at a time.
class OutputText {
 public:
  explicit OutputText(const Generation& generation);

  /// Gives a symbol of the prompt.
  void echo(Symbol symbol, std::optional<SymbolScore> score, Piece& piece);

  /// Gives a chosen symbol. Returns the stop text that it ends, if any; only when `may_stop`.
  std::optional<std::string> write(Symbol symbol, std::optional<SymbolScore> score, bool may_stop,
                                   Piece& piece);

  /// The text ends without a stop text: gives what was held back. A character of which only some
  /// bytes are there is not given.
  void finish(Piece& piece);

  /// The newest symbols whose text was not given (yet).
  std::size_t withheld() const { return held_.size(); }

 private:
  struct Held {
    std::size_t bytes = 0;  // of text that the symbol brought; 0: its character is not whole yet
    std::optional<SymbolScore> score;
    std::optional<Symbol> symbol;  // that is to be told
  };

  std::string characters_of(Symbol symbol);
  Held& hold(std::optional<SymbolScore> score, const std::string& text);
  void gave(std::size_t bytes, Piece& piece);

  std::shared_ptr<const Vocabulary> vocabulary_;
  Utf8Gate gate_;
  StopTexts stop_;
  bool gives_symbols_;
  std::deque<Held> held_;
  std::size_t bytes_given_ = 0;   // of text that belongs to held_
  std::uint64_t characters_ = 0;  // so far
};

}  // namespace charrnn
