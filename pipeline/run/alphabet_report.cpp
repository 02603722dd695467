#include "pipeline/run/alphabet_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/readable_number.h"
#include "corpus/character_kind.h"

namespace charrnn {
namespace {

// Characters that occur less often than this hardly teach anything, and each costs its rows.
constexpr std::uint64_t kRare = 10;
constexpr std::size_t kMostNamed = 12;

struct Counted {
  char32_t character = 0;
  std::uint64_t count = 0;
};

std::string list(const std::vector<Counted>& characters, bool bytes) {
  std::uint64_t total = 0;
  for (const Counted& counted : characters) total += counted.count;
  std::string text =
      fmt::format("{}, {} times in all:", grouped(characters.size()), grouped(total));
  for (std::size_t i = 0; i < std::min(kMostNamed, characters.size()); ++i) {
    text +=
        fmt::format("{} {} ({})", i == 0 ? "" : ",", character_name(characters[i].character, bytes),
                    grouped(characters[i].count));
  }
  return characters.size() > kMostNamed ? text + ", ..." : text;
}

class Sorts {
 public:
  explicit Sorts(const Vocabulary& vocabulary) : bytes_(vocabulary.bytes()) {
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      const Counted counted{vocabulary.characters()[i], vocabulary.counts()[i]};
      const bool unknown = counted.character == kUnknownCharacter;
      if (!unknown) all_.push_back(counted);
      if (unknown) unknown_ = counted.count;
    }
  }

  void add_kind(const char* name, CharacterKind kind) {
    if (bytes_) return;
    std::vector<Counted> found;
    for (const Counted& counted : all_) {
      if (kind_of(counted.character) == kind) found.push_back(counted);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Counted& a, const Counted& b) { return a.count > b.count; });
    if (!found.empty()) sorts_.emplace_back(name, list(found, bytes_));
  }

  void add_rare() {
    std::vector<Counted> found;
    for (const Counted& counted : all_) {
      if (counted.count < kRare) found.push_back(counted);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Counted& a, const Counted& b) { return a.count < b.count; });
    if (found.empty()) return;
    sorts_.emplace_back(
        "rare", list(found, bytes_) +
                    fmt::format("; corpus.min_count = {} would fold them into <unk>", kRare));
  }

  void add_unknown() {
    if (unknown_ > 0) sorts_.emplace_back(kUnknownName, grouped(unknown_) + " times");
  }

  std::vector<std::pair<std::string, std::string>> take() { return std::move(sorts_); }

 private:
  bool bytes_;
  std::vector<Counted> all_;
  std::uint64_t unknown_ = 0;
  std::vector<std::pair<std::string, std::string>> sorts_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> odd_characters(const Vocabulary& vocabulary) {
  Sorts sorts(vocabulary);
  sorts.add_kind("control", CharacterKind::kControl);
  sorts.add_kind("invisible", CharacterKind::kInvisible);
  sorts.add_kind("replaced", CharacterKind::kReplacement);
  sorts.add_kind("private use", CharacterKind::kPrivateUse);
  sorts.add_kind("unassigned", CharacterKind::kUnassigned);
  sorts.add_rare();
  sorts.add_unknown();
  return sorts.take();
}

}  // namespace charrnn
