#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/sampler.h"
#include "serve/engine/generation.h"
#include "serve/engine/input_text.h"
#include "serve/engine/output_text.h"

namespace charrnn {

/// One stream inside the batch: the text that it reads, and what becomes of the scores. Every
/// character takes one random number, a function of (seed, choice, index), so its text depends on
/// nothing but its Generation. One thread at a time.
class Row {
 public:
  explicit Row(Generation generation);

  /// Comes first. Appends what is known before anything was read. A text that begins with nothing
  /// takes the scores of a zero hidden state, which are fc.bias.
  void begin(Sampler& sampler, Piece& piece);

  /// True when the last piece has been made.
  bool done() const { return done_; }

  /// The symbol that the network reads next, and the state that it reads it in.
  Symbol input() const { return input_.input(); }
  RowState& state() { return input_.state(); }

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

  /// Where the text stands that its client has.
  TextState where() const { return input_.where(output_.withheld()); }

 private:
  void score_prompt(std::span<const float> scores, Piece& piece);
  void choose(std::span<const float> scores, Sampler& sampler, Piece& piece);
  bool may_end() const;
  bool follow_pattern(Symbol symbol);
  void write(std::span<const float> scores, Symbol symbol, Piece& piece);

  Generation generation_;
  InputText input_;
  OutputText output_;
  TextPattern::State pattern_state_ = TextPattern::kStart;
  std::vector<std::uint8_t> fits_;  // [V], while a pattern is followed
  std::uint64_t made_ = 0;
  bool done_ = false;
};

/// The score of `symbol` under `scores` [V], with the `top` most probable.
SymbolScore score_symbol(std::span<const float> scores, Symbol symbol, int top);

}  // namespace charrnn
