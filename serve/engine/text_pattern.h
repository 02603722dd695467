#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "corpus/vocabulary.h"
#include "serve/engine/pattern_syntax.h"

namespace charrnn {

/// The texts that a regular expression matches from their first character to their last, as an
/// automaton over the symbols of a vocabulary: which symbols may come next, and whether the text
/// may end. Its states are those that PCRE2's DFA matcher goes through, which is fed one character
/// at a time; they are found once, when the pattern is made. Immutable: any number of threads.
class TextPattern {
 public:
  using State = std::uint16_t;
  static constexpr State kStart = 0;
  static constexpr State kNone = 0xFFFF;  ///< no match begins with this text

  static constexpr std::size_t kLongest = 1024;      ///< bytes of an expression
  static constexpr std::size_t kMostStates = 2000;   ///< of an automaton
  static constexpr std::size_t kMostSteps = 50'000;  ///< that are taken to find them

  /// `allowed`: the only symbols that may be used; empty: all but `<unk>`, and of an alphabet of
  /// bytes those that are ASCII. Throws PatternError when the expression is wrong, not supported
  /// (see read_pattern()), needs more than the bounds above, or matches no text of these symbols.
  TextPattern(std::string_view regex, const Vocabulary& vocabulary,
              const std::vector<Symbol>& allowed = {});

  /// The state after one more symbol, or kNone when no match goes on with it.
  State next(State state, Symbol symbol) const {
    return next_[state * classes_ + class_of_[symbol]];
  }

  /// True when the text so far is a match.
  bool complete(State state) const { return shortest_[state] == 0; }

  /// True when a match goes on from here.
  bool goes_on(State state) const { return goes_on_[state] != 0; }

  /// The fewest symbols that end a match from here.
  std::uint64_t shortest(State state) const { return shortest_[state]; }

  /// Sets `fits` [V] to 1 for each symbol after which a match can end within `most` symbols, itself
  /// included, and to 0 for the others.
  void find_fitting(State state, std::uint64_t most, std::vector<std::uint8_t>& fits) const;

 private:
  void prune(std::vector<bool> complete);

  std::size_t classes_ = 0;              // of symbols that the expression does not tell apart
  std::vector<std::uint16_t> class_of_;  // [V]; the last class fits nowhere
  std::vector<State> next_;              // [states, classes]
  std::vector<std::uint32_t> shortest_;  // [states]
  std::vector<std::uint8_t> goes_on_;    // [states]
};

}  // namespace charrnn
