#include "serve/engine/output_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace charrnn {

OutputText::OutputText(const Generation& generation)
    : vocabulary_(generation.snapshot->vocabulary),
      stop_(generation.stop, generation.include_stop),
      gives_symbols_(generation.give_symbols) {}

// The characters that are whole with this symbol.
std::string OutputText::characters_of(Symbol symbol) {
  std::string text;
  vocabulary_->append(symbol, text);
  if (!vocabulary_->bytes()) return text;
  std::string whole;
  gate_.push(text, whole);
  return whole;
}

OutputText::Held& OutputText::hold(std::optional<SymbolScore> score, const std::string& text) {
  const auto characters = static_cast<std::uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_utf8_continuation(c); }));
  // A byte that begins a character may show that the one before it never will be whole.
  const bool of_earlier = gate_.waits() && !text.empty() && !held_.empty();
  if (of_earlier) held_.back().bytes += text.size();
  if (score) score->offset = characters_ + (of_earlier ? characters : 0);
  held_.push_back({of_earlier ? 0 : text.size(), std::move(score), std::nullopt});
  characters_ += characters;
  return held_.back();
}

void OutputText::echo(Symbol symbol, std::optional<SymbolScore> score, Piece& piece) {
  const std::string text = characters_of(symbol);
  hold(std::move(score), text);
  piece.text += text;
  gave(text.size(), piece);
}

std::optional<std::string> OutputText::write(Symbol symbol, std::optional<SymbolScore> score,
                                             bool may_stop, Piece& piece) {
  const std::string text = characters_of(symbol);
  Held& held = hold(std::move(score), text);
  if (gives_symbols_) held.symbol = symbol;
  const std::size_t before = piece.text.size();
  std::optional<std::string> stop;
  if (may_stop) {
    stop = stop_.push(text, piece.text);
  } else {
    piece.text += text;
  }
  gave(piece.text.size() - before, piece);
  return stop;
}

void OutputText::finish(Piece& piece) {
  const std::size_t before = piece.text.size();
  stop_.finish(piece.text);
  gave(piece.text.size() - before, piece);
}

// Symbols leave with the last byte of their character.
void OutputText::gave(std::size_t bytes, Piece& piece) {
  bytes_given_ += bytes;
  const auto whole = [](const Held& held) { return held.bytes > 0; };
  for (;;) {
    const auto last = std::find_if(held_.begin(), held_.end(), whole);
    if (last == held_.end() || last->bytes > bytes_given_) return;
    bytes_given_ -= last->bytes;
    for (auto count = last - held_.begin() + 1; count > 0; --count) {
      if (held_.front().score) piece.scores.push_back(std::move(*held_.front().score));
      if (held_.front().symbol) piece.symbols.push_back(*held_.front().symbol);
      held_.pop_front();
    }
  }
}

}  // namespace charrnn
