#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "corpus/documents.h"
#include "serve/engine/generation.h"

namespace charrnn {

/// The symbols of a text that penalties can look back on; a text that goes on brings them along.
inline constexpr std::size_t kRememberedSymbols = 1024;

/// The text that one row reads, and the state that the network reads it in: first what is known
/// (what an earlier text left unread, or the end of a document when a text begins with nothing;
/// then the prompt), then each symbol that was chosen. As in training, the state is zeroed in front
/// of each symbol that begins a document. One thread at a time.
class InputText {
 public:
  explicit InputText(const Generation& generation);

  /// The symbol that the network reads next, and the state that it reads it in. Only when !empty().
  Symbol input() const;
  RowState& state() { return state_; }

  /// Nothing is known: the first symbol is chosen without any.
  bool empty() const { return total_ == 0; }

  /// Symbols in front of the prompt.
  std::size_t before_prompt() const { return before_prompt_; }

  /// Known symbols that were read, and how many there are.
  std::size_t read() const { return read_; }
  std::size_t known() const { return known_.size(); }

  /// What comes next of the known symbols without the last one, up to where the state is zeroed.
  std::span<const Symbol> ahead() const;

  /// The network has read `count` symbols, the first of them input(), into state().
  void has_read(std::size_t count);

  /// The text goes on with a chosen symbol.
  void append(Symbol symbol);

  /// The newest symbols of the text, `count` at most.
  std::span<const Symbol> recent(std::size_t count) const;

  /// Where the text stood before its last `dropped` symbols. More than 0 only if the generation
  /// keeps its state.
  TextState where(std::size_t dropped) const;

 private:
  // A state that was gone through, so that a text can go on from a place before its end.
  struct Mark {
    std::size_t read;  // symbols of the text that are part of it
    RowState state;
  };

  void arrive();
  void mark();

  std::shared_ptr<const Snapshot> snapshot_;
  Documents documents_;
  bool keeps_marks_;
  RowState state_;
  std::vector<Symbol> known_;
  std::vector<std::size_t> begins_;  // of documents in known_, ascending
  std::size_t before_prompt_ = 0;
  std::size_t read_ = 0;      // symbols since the row began that the network has read
  std::size_t total_ = 0;     // symbols since the row began
  std::vector<Symbol> text_;  // the newest symbols, from before the row began too
  std::deque<Mark> marks_;
};

}  // namespace charrnn
