#include "serve/asked_text.h"

#include <string>
#include <utility>

#include "base/error.h"
#include "serve/server.h"

namespace charrnn {
namespace {

std::shared_ptr<const TextPattern> pattern_of(const GenerateOptions& options,
                                              const Vocabulary& vocabulary) {
  if (options.regex.empty()) return nullptr;
  try {
    auto pattern = std::make_shared<const TextPattern>(options.regex, vocabulary);
    const std::uint64_t shortest = pattern->shortest(TextPattern::kStart);
    if (shortest <= options.length) return pattern;
    throw PatternError("its shortest match has " + std::to_string(shortest) +
                       " characters, more than generate.length");
  } catch (const PatternError& error) {
    throw Error(ErrorKind::kUsage, std::string("generate.regex cannot be used: ") + error.what());
  }
}

}  // namespace

SamplingOptions sampling_of(const GenerateOptions& options) {
  SamplingOptions sampling;
  sampling.temperature = options.temperature;
  sampling.top_k = options.top_k;
  sampling.top_p = options.top_p;
  sampling.min_p = options.min_p;
  sampling.repetition_penalty = options.repetition_penalty;
  return sampling;
}

Generation asked_text(const std::shared_ptr<const Snapshot>& snapshot,
                      const GenerateOptions& options, std::vector<Symbol> prompt,
                      std::uint64_t seed) {
  const Vocabulary& vocabulary = *snapshot->vocabulary;
  Generation generation;
  generation.snapshot = snapshot;
  generation.prompt = std::move(prompt);
  generation.max_tokens = options.length;
  generation.sampling = sampling_of(options);
  if (vocabulary.size() > 1) generation.sampling.never = vocabulary.unknown();
  generation.seed = seed;
  generation.stop = options.stop;
  generation.pattern = pattern_of(options, vocabulary);
  return generation;
}

}  // namespace charrnn
