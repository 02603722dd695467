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
#include "serve/engine/fair_places.h"
#include "serve/engine/text_pattern.h"

namespace charrnn {

/// A place in a text from which it can go on: what the network remembers, and what it has not read
/// yet of the text.
struct TextState {
  std::shared_ptr<const Snapshot> snapshot;  ///< the weights that the state belongs to
  RowState state;
  std::vector<Symbol> text;  ///< its newest symbols: penalties and documents look back on them
  std::size_t unread = 0;    ///< the last so many of `text` are not part of `state` yet
};

/// What one stream is asked for. Two equal generations give equal text.
struct Generation {
  std::shared_ptr<const Snapshot> snapshot;  ///< kept until the stream ends
  std::vector<Symbol> prompt;
  SamplingOptions sampling;
  std::uint64_t max_tokens = 256;  ///< new characters
  std::uint64_t min_tokens = 0;    ///< new characters before which no stop text is looked for
  std::uint64_t seed = 0;
  std::uint32_t choice = 0;       ///< among the texts of one seed; each draws numbers of its own
  std::vector<std::string> stop;  ///< texts that end it
  /// What the new text has to match; null: anything.
  std::shared_ptr<const TextPattern> pattern;
  bool include_stop = false;              ///< the stop text is given back as well
  std::optional<int> logprobs;            ///< score symbols, with so many of the most probable
  bool score_prompt = false;              ///< with logprobs: the symbols of the prompt, too
  bool echo = false;                      ///< the prompt's text stands before the new one
  Requester client;                       ///< who asked for it
  bool give_symbols = false;              ///< pieces have the symbols of their text
  bool keep_state = false;                ///< where the text ended will be asked for
  std::shared_ptr<const TextState> from;  ///< where to go on; null: at the start of a text
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
  std::uint64_t offset = 0;                   ///< characters of the stream's text in front of it
  std::optional<float> logprob;               ///< nothing for the first symbol of a text
  std::vector<std::pair<Symbol, float>> top;  ///< the most probable, in falling order
};

/// A part of a stream's output, in order.
struct Piece {
  std::string text;                 ///< whole UTF-8 characters
  std::vector<SymbolScore> scores;  ///< when logprobs were asked for
  std::vector<Symbol> symbols;      ///< of new text, when they were asked for
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;   ///< so far
  std::optional<Finish> finish;          ///< in the last piece
  std::optional<std::string> stop_text;  ///< in the last piece: the one that ended it
};

}  // namespace charrnn
