#include "serve/asked_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "corpus/read_text.h"

namespace charrnn {
namespace {

std::shared_ptr<const TextPattern> pattern_of(const GenerateOptions& options,
                                              const std::vector<Symbol>& allowed,
                                              const Vocabulary& vocabulary) {
  if (options.regex.empty()) return nullptr;
  try {
    auto pattern = std::make_shared<const TextPattern>(options.regex, vocabulary, allowed);
    const std::uint64_t shortest = pattern->shortest(TextPattern::kStart);
    if (shortest <= options.length) return pattern;
    throw PatternError("its shortest match has " + std::to_string(shortest) +
                       " characters, more than generate.length");
  } catch (const PatternError& error) {
    throw Error(ErrorKind::kUsage, std::string("generate.regex cannot be used: ") + error.what());
  }
}

// Every character has to be one that may be written.
std::vector<Symbol> symbols_of(const std::string& text, const char* key,
                               const Vocabulary& vocabulary) {
  std::vector<Symbol> symbols =
      read_symbols(text, vocabulary, {.what = UnknownCharacters::kError, .text = key});
  const bool unknown = std::any_of(symbols.begin(), symbols.end(),
                                   [&](Symbol symbol) { return symbol == vocabulary.unknown(); });
  if (!unknown) return symbols;
  throw Error(ErrorKind::kUsage,
              std::string(key) + " = " + text + " has a character that the vocabulary lacks");
}

// A character, `=` and a number: the first `=` may be the character itself.
std::pair<Symbol, float> bias_of(const std::string& text, const Vocabulary& vocabulary) {
  const std::size_t equals = text.find('=', 1);
  const auto symbols = symbols_of(text.substr(0, equals), "generate.logit_bias", vocabulary);
  const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  const char* const end = number.data() + number.size();
  float bias = 0.0F;
  const auto [read, error] = std::from_chars(number.data(), end, bias);
  if (symbols.size() == 1 && error == std::errc() && read == end && std::abs(bias) <= kMostBias) {
    return {symbols.front(), bias};
  }
  throw Error(ErrorKind::kUsage, "generate.logit_bias = " + text +
                                     " must be one character of the vocabulary, = and a number "
                                     "between -100 and 100");
}

// `<unk>` never comes: it has no text by which it could be asked for.
SamplingOptions sampling_of(const GenerateOptions& options, const Vocabulary& vocabulary) {
  SamplingOptions sampling = options.sampling;
  for (const auto& text : options.logit_bias) sampling.bias.push_back(bias_of(text, vocabulary));
  sampling.allowed = symbols_of(options.allowed, "generate.allowed", vocabulary);
  if (vocabulary.size() > 1) sampling.never = vocabulary.unknown();
  return sampling;
}

}  // namespace

Generation asked_text(const std::shared_ptr<const Snapshot>& snapshot,
                      const GenerateOptions& options, std::vector<Symbol> prompt,
                      std::uint64_t seed) {
  const Vocabulary& vocabulary = *snapshot->vocabulary;
  Generation generation;
  generation.snapshot = snapshot;
  generation.prompt = std::move(prompt);
  generation.max_tokens = options.length;
  generation.sampling = sampling_of(options, vocabulary);
  generation.seed = seed;
  generation.stop = options.stop;
  generation.include_stop = options.include_stop;
  generation.min_tokens = options.min_length;
  generation.pattern = pattern_of(options, generation.sampling.allowed, vocabulary);
  return generation;
}

}  // namespace charrnn
