#include "pipeline/run/run_alphabet.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/readable_number.h"
#include "corpus/alphabets.h"
#include "corpus/character_kind.h"

namespace charrnn {
namespace {

constexpr std::size_t kMostNamed = 12;

// A checkpoint's alphabet, when the text can be read in it as before; else what was found, which
// check_resumable() refuses with the reason.
Vocabulary resumed_alphabet(const TrainOptions& options, const Vocabulary& resumed,
                            Vocabulary found) {
  if (resumed.bytes() != found.bytes()) return found;
  const bool folds = options.vocabulary == VocabularyRule::kFreeze && resumed.unknown().has_value();
  return folds || lacking(resumed, found).size() == 0 ? frozen(resumed, found) : found;
}

Vocabulary initial_alphabet(const TrainOptions& options, const Vocabulary& initial,
                            const Vocabulary& found, std::vector<std::string>& notes) {
  if (initial.bytes() != found.bytes()) {
    throw Error(ErrorKind::kCheckpoint,
                fmt::format("train.initial_weights is of {}, and the text is read as {}: see "
                            "corpus.encoding",
                            initial.bytes() ? "bytes" : "characters",
                            found.bytes() ? "bytes" : "characters"));
  }
  const Vocabulary fresh = lacking(initial, found);
  if (fresh.size() == 0) return extended(initial, found);
  const bool freeze = options.vocabulary == VocabularyRule::kFreeze;
  notes.push_back(fmt::format(
      "train.initial_weights knows {} characters; the text has {} more: {}. {}", initial.size(),
      grouped(fresh.size()), counted_characters(fresh),
      freeze ? fmt::format("They are read as <unk>{}",
                           initial.unknown() ? "" : ", which is added to the vocabulary")
             : "They are added to the vocabulary"));
  return freeze ? frozen(initial, found) : extended(initial, found);
}

}  // namespace

std::string counted_characters(const Vocabulary& vocabulary) {
  std::vector<std::size_t> order(vocabulary.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& counts = vocabulary.counts();
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kMostNamed); ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ",
                        character_name(vocabulary.characters()[order[i]], vocabulary.bytes()),
                        grouped(counts[order[i]]));
  }
  return order.size() > kMostNamed ? text + ", ..." : text;
}

ChooseAlphabet read_in(const Vocabulary& known, const std::string& what, const std::string& remedy,
                       std::vector<std::string>& notes) {
  return [&known, what, remedy, &notes](const Vocabulary& found) {
    const Vocabulary unknown = lacking(known, found);
    if (unknown.size() == 0) return frozen(known, found);
    const std::string named =
        fmt::format("{} holds {} characters that the vocabulary lacks: {}", what,
                    grouped(unknown.size()), counted_characters(unknown));
    if (!known.unknown()) {
      throw Error(ErrorKind::kInput,
                  fmt::format("{}. {}Leave them out of the text, or train a model with "
                              "corpus.min_count, which adds <unk>",
                              named, remedy.empty() ? "" : "Say " + remedy + ". "));
    }
    notes.push_back(named + ". They are read as <unk>");
    return frozen(known, found);
  };
}

ChooseAlphabet run_alphabet(const TrainOptions& options, const Vocabulary* resumed,
                            const Vocabulary* initial, std::vector<std::string>& notes) {
  return [=, &options, &notes](Vocabulary found) {
    if (resumed != nullptr) return resumed_alphabet(options, *resumed, std::move(found));
    if (initial != nullptr) return initial_alphabet(options, *initial, found, notes);
    return found;
  };
}

}  // namespace charrnn
