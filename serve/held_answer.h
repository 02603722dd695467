#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "serve/engine/generation.h"
#include "serve/held_bytes.h"

namespace charrnn {

/// What the texts of one whole answer came to, kept in few bytes until all of them have ended.
class HeldAnswer {
 public:
  /// What is told of each choice without reading it again.
  struct Choice {
    std::size_t text_bytes = 0;
    std::size_t scores = 0;
    std::size_t scored = 0;  ///< of them, with a log probability
    double logprob_sum = 0.0;
    Piece last;  ///< of the last piece, without text and scores

    double mean_logprob() const {
      return scored == 0 ? 0.0 : logprob_sum / static_cast<double>(scored);
    }
  };

  /// `characters`: the most that one choice has, its prompt among them; `top`: how many of the most
  /// probable are told of each; nothing: there are no scores.
  HeldAnswer(std::size_t choices, std::size_t characters, std::optional<int> top);

  /// The most bytes that such an answer holds, the JSON that is made of it among them.
  static std::size_t most_bytes(std::size_t choices, std::size_t characters,
                                std::optional<int> top);

  void add(std::size_t choice, Piece piece);

  const std::vector<Choice>& choices() const { return choices_; }

  /// True when it does not lie in memory.
  bool large() const { return bytes_.size() > HeldBytes::kInMemory; }

  /// Reads a choice again, in order: its text in blocks, which may end inside a character; its
  /// scores.
  void read_text(std::size_t choice, const std::function<void(std::string_view)>& take) const;
  void read_scores(std::size_t choice, const std::function<void(const SymbolScore&)>& take) const;

 private:
  std::size_t text_at(std::size_t choice) const { return choice * (text_room_ + score_room_); }
  std::size_t scores_at(std::size_t choice) const { return text_at(choice) + text_room_; }

  std::size_t top_;
  std::size_t score_bytes_;
  std::size_t text_room_;   // of one choice
  std::size_t score_room_;  // likewise
  std::vector<Choice> choices_;
  HeldBytes bytes_;
};

}  // namespace charrnn
