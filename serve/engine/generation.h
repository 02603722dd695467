#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corpus/symbol.h"
#include "model/packed_network.h"
#include "model/published.h"
#include "model/sampler.h"

namespace charrnn {

/// A place in a text from which it can go on: what the network remembers, and the symbol that it
/// has not read yet.
struct TextState {
  std::shared_ptr<const Snapshot> snapshot;  ///< the weights that the state belongs to
  RowState state;
  std::optional<Symbol> unread;
  std::vector<Symbol> recent;  ///< the newest symbols, for the repetition penalty
};

/// What one stream is asked for. Two equal generations give equal text.
struct Generation {
  std::shared_ptr<const Snapshot> snapshot;  ///< kept until the stream ends
  std::vector<Symbol> prompt;
  SamplingOptions sampling;
  std::uint64_t max_tokens = 256;  ///< new characters
  std::uint64_t seed = 0;
  std::uint32_t choice = 0;               ///< of the `n` of one request; each draws other numbers
  std::vector<std::string> stop;          ///< texts that end it and are not given back
  std::optional<int> logprobs;            ///< score symbols, with so many of the most probable
  bool score_prompt = false;              ///< with logprobs: the symbols of the prompt, too
  bool echo = false;                      ///< the prompt's text stands before the new one
  std::shared_ptr<const TextState> from;  ///< where to go on, when not at a zero state
};

/// Why a stream ended.
enum class Finish {
  kLength,    ///< max_tokens were made
  kStop,      ///< a stop text came
  kShutdown,  ///< the server is stopping
  kExpired,   ///< the time for the whole request is over
  kFailed,    ///< the engine could not go on
};

/// The log probability (nats) of one symbol, as the model gave it at temperature 1.
struct SymbolScore {
  Symbol symbol = 0;
  std::optional<float> logprob;               ///< nothing for the first symbol of a text
  std::vector<std::pair<Symbol, float>> top;  ///< the most probable, in falling order
};

/// A part of a stream's output, in order.
struct Piece {
  std::string text;                 ///< whole UTF-8 characters
  std::vector<SymbolScore> scores;  ///< when logprobs were asked for
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;  ///< so far
  std::optional<Finish> finish;         ///< in the last piece
};

}  // namespace charrnn
