#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/sampler.h"
#include "serve/engine/generation.h"
#include "serve/engine/stop_texts.h"
#include "serve/engine/utf8_gate.h"

namespace charrnn {

/// One stream inside the batch: its state, the symbol that it reads next, and what becomes of the
/// scores. Every character takes one random number, a function of (seed, choice, index), so its
/// text depends on nothing but its Generation. One thread at a time.
class Row {
 public:
  explicit Row(Generation generation);

  /// Comes first. Appends what is known before anything was read; an empty prompt begins with the
  /// scores of a zero hidden state, which are fc.bias.
  void begin(Sampler& sampler, Piece& piece);

  /// True when the last piece has been made.
  bool done() const { return done_; }

  /// The symbol that the network reads next, and the state that it reads it in.
  Symbol input() const;
  RowState& state() { return state_; }

  /// What comes next of the prompt and needs no scores, up to but not with the last input. Who has
  /// read its first `count` symbols into state() says so.
  std::span<const Symbol> ahead() const;
  void skip(std::size_t count, Piece& piece);

  /// Takes the scores [V] that came of input(): goes on in the prompt, or chooses a character.
  void read(std::span<const float> scores, Sampler& sampler, Piece& piece);

  /// Characters chosen so far.
  std::uint64_t made() const { return made_; }

  /// Ends the row early.
  void end(Finish finish, Piece& piece);

  const Generation& generation() const { return generation_; }

  /// Where the text stands now.
  TextState where() const;

 private:
  void read_prompt(std::span<const float> scores, Piece& piece);
  void choose(std::span<const float> scores, Sampler& sampler, Piece& piece);
  bool write(Symbol symbol, Piece& piece);
  void give_scores(std::size_t bytes, Piece& piece);
  void echo(Symbol symbol, std::optional<SymbolScore> score, Piece& piece);
  void remember(Symbol symbol);

  Generation generation_;
  RowState state_;
  std::vector<Symbol> inputs_;  // an unread symbol, then the prompt
  std::size_t position_ = 0;    // in inputs_
  Symbol last_ = 0;             // the newest chosen
  std::uint64_t made_ = 0;
  std::vector<Symbol> recent_;
  Utf8Gate gate_;
  StopTexts stop_;
  std::deque<std::pair<SymbolScore, std::size_t>> scores_;  // held back, with their bytes of text
  std::size_t bytes_given_ = 0;                             // of text not yet matched by scores
  bool done_ = false;
};

/// The score of `symbol` under `scores` [V], with the `top` most probable.
SymbolScore score_symbol(std::span<const float> scores, Symbol symbol, int top);

/// The symbols that a repetition penalty looks back on.
inline constexpr std::size_t kRecentSymbols = 64;

}  // namespace charrnn
