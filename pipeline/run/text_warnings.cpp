#include "pipeline/run/text_warnings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/readable_number.h"
#include "corpus/character_kind.h"
#include "corpus/text_counts.h"
#include "pipeline/run/alphabet_report.h"
#include "pipeline/run/run_alphabet.h"

namespace charrnn {
namespace {

using Lines = std::vector<std::string>;

// More of the validation text is not looked at: a new run is to begin soon.
constexpr std::uint64_t kMostLookedAt = std::uint64_t{64} << 20;

void refuse_one_character(const Vocabulary& vocabulary) {
  if (vocabulary.size() != 1) return;
  throw Error(ErrorKind::kInput,
              fmt::format("the text is {} and nothing else, {} times: there is nothing to learn. "
                          "Check corpus.files and corpus.encoding",
                          character_name(vocabulary.characters()[0], vocabulary.bytes()),
                          grouped(vocabulary.counts()[0])));
}

void warn_of_characters(const Config& config, const Vocabulary& vocabulary, Lines& lines) {
  for (const auto& [name, characters] : odd_characters(vocabulary)) {
    if (name == "control") {
      lines.push_back("the text holds control characters: " + characters);
    } else if (name == "replaced") {
      lines.push_back("the text was damaged by a conversion before: " + characters);
    } else if (name == "unassigned") {
      lines.push_back("the text holds numbers that are no characters: " + characters);
    }
  }
  const auto is_c1 = [](char32_t c) { return c >= 0x80 && c < 0xA0; };
  const auto& all = vocabulary.characters();
  const bool latin1 = config.corpus.encoding == Encoding::kLatin1;
  if (latin1 && std::any_of(all.begin(), all.end(), is_c1)) {
    lines.emplace_back(
        "the bytes from 0x80 to 0x9F are controls in latin-1, and quotation marks and dashes in "
        "windows-1252: corpus.encoding = windows-1252 may be what it is");
  }
}

using Identity = std::pair<dev_t, ino_t>;

std::optional<Identity> identity_of(const std::filesystem::path& file) {
  struct stat status;
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

std::map<Identity, std::filesystem::path> files_of(const Corpus& corpus, std::uint64_t* again,
                                                   std::string* example) {
  std::map<Identity, std::filesystem::path> known;
  for (const auto& file : corpus.files()) {
    const auto identity = identity_of(file);
    if (!identity) continue;
    const auto [place, fresh] = known.emplace(*identity, file);
    if (fresh || again == nullptr) continue;
    if ((*again)++ == 0) *example = fmt::format("{} and {}", place->second.string(), file.string());
  }
  return known;
}

void warn_of_files(const Corpus& training, const ValidationText& validation, Lines& lines) {
  std::uint64_t again = 0;
  std::string example;
  const auto learned = files_of(training, &again, &example);
  if (again > 0) {
    lines.push_back(fmt::format(
        "{} of the {} files are read more than once, through links or names that are given twice: "
        "{} are one file",
        grouped(again), grouped(training.files().size()), example));
  }
  if (validation.corpus.get() == &training) return;
  for (const auto& [identity, file] : files_of(*validation.corpus, nullptr, nullptr)) {
    if (!learned.contains(identity)) continue;
    lines.push_back(
        fmt::format("{} is a file of validation.files and of corpus.files: the "
                    "validation loss is of text that is learned",
                    file.string()));
    return;
  }
  if (validation.corpus->fingerprint() == training.fingerprint()) {
    lines.emplace_back(
        "validation.files hold the same text as corpus.files: the validation loss is of text that "
        "is learned");
  }
}

// Of its own files the alphabet knows nothing: read_in() tells of those.
void warn_of_unseen(const Corpus& training, const ValidationText& validation,
                    const std::atomic<bool>* stop, Lines& lines) {
  if (validation.corpus.get() != &training) return;
  CharacterRange range = validation.range;
  range.count = std::min(range.count, kMostLookedAt);
  const auto held_out = count_symbols(training, range, stop);
  const Vocabulary& vocabulary = training.vocabulary();
  std::vector<char32_t> characters;
  std::vector<std::uint64_t> counts;
  for (std::size_t i = 0; i < held_out.size(); ++i) {
    if (held_out[i] == 0 || held_out[i] != vocabulary.counts()[i]) continue;
    if (vocabulary.unknown() == i) continue;
    characters.push_back(vocabulary.characters()[i]);
    counts.push_back(held_out[i]);
  }
  if (characters.empty()) return;
  const std::size_t number = characters.size();
  const Vocabulary unseen(std::move(characters), std::move(counts), vocabulary.bytes());
  const std::string occur =
      number == 1 ? "1 character occurs" : grouped(number) + " characters occur";
  lines.push_back(fmt::format("{} only in the validation text, so training never sees {}: {}",
                              occur, number == 1 ? "it" : "them", counted_characters(unseen)));
}

void warn_of_documents(const Config& config, const Corpus& training, const std::atomic<bool>* stop,
                       Lines& lines) {
  const bool wanted = training.vocabulary().reading().documents.end != DocumentEnd::kNone;
  if (!wanted || has_documents(training, stop)) return;
  lines.push_back(
      fmt::format("corpus.documents = {} finds no second document in the text: it is one "
                  "document",
                  word_of(config.corpus.documents)));
}

}  // namespace

std::vector<std::string> text_warnings(const Config& config, const Corpus& training,
                                       const ValidationText& validation,
                                       const std::atomic<bool>* stop) {
  const bool learns = config.runtime.backend != BackendKind::kHash;
  if (learns) refuse_one_character(training.vocabulary());
  Lines lines;
  warn_of_characters(config, training.vocabulary(), lines);
  warn_of_files(training, validation, lines);
  warn_of_unseen(training, validation, stop, lines);
  warn_of_documents(config, training, stop, lines);
  return lines;
}

}  // namespace charrnn
