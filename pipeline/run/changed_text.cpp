#include "pipeline/run/changed_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/readable_number.h"
#include "corpus/character_kind.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "pipeline/run/saved_value.h"
#include "pipeline/run/validation_text.h"

namespace charrnn {
namespace {

constexpr std::size_t kMostNamed = 6;

std::vector<std::string> changed_keys(const Checkpoint& checkpoint, const Config& config) {
  const IniFile saved = scan_ini(checkpoint.config, "config.ini");
  std::vector<std::string> changed;
  for (const char* key :
       {"corpus.encoding", "corpus.newlines", "corpus.invalid", "corpus.normalise"}) {
    const std::string was = saved_value(saved, key);
    const std::string is = write_value(*find_option(key), config).front();
    if (was != is) changed.push_back(fmt::format("{} was {} and is {}", key, was, is));
  }
  return changed;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts) sum += count;
  return sum;
}

/// Characters whose counts differ, the most different ones first.
std::vector<std::string> changed_counts(const Vocabulary& then, const Vocabulary& now) {
  std::map<char32_t, std::int64_t> more;
  for (std::size_t i = 0; i < now.size(); ++i) {
    more[now.characters()[i]] += static_cast<std::int64_t>(now.counts()[i]);
  }
  for (std::size_t i = 0; i < then.size(); ++i) {
    more[then.characters()[i]] -= static_cast<std::int64_t>(then.counts()[i]);
  }
  std::erase_if(more, [](const auto& entry) { return entry.second == 0; });
  std::vector<std::pair<char32_t, std::int64_t>> order(more.begin(), more.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::abs(a.second) > std::abs(b.second);
  });
  std::vector<std::string> named;
  for (const auto& [character, difference] : order) {
    if (named.size() == kMostNamed) {
      named.emplace_back("...");
      break;
    }
    named.push_back(
        fmt::format("{} {} {}", grouped(static_cast<std::uint64_t>(std::abs(difference))),
                    difference > 0 ? "more" : "fewer", character_name(character, now.bytes())));
  }
  return named;
}

std::string what_differs(const Checkpoint& checkpoint, const Config& config, const Corpus& corpus) {
  std::vector<std::string> parts = changed_keys(checkpoint, config);
  const std::uint64_t then = sum_of(checkpoint.vocabulary.counts());
  if (then != corpus.characters()) {
    parts.push_back(fmt::format("it had {} characters and has {}", grouped(then),
                                grouped(corpus.characters())));
  }
  const auto counts = changed_counts(checkpoint.vocabulary, corpus.vocabulary());
  if (!counts.empty()) parts.push_back(fmt::format("there are {}", fmt::join(counts, ", ")));
  if (parts.empty()) return "it has the same characters as before, but not in the same order";
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace

void check_same_text(const Checkpoint& checkpoint, const Config& config, const Corpus& corpus) {
  if (config.run.accept_changed_corpus) return;
  if (corpus.has_fingerprint(training_part(checkpoint.corpus_fingerprint))) return;
  throw Error(ErrorKind::kInput,
              fmt::format("the corpus is not the one that {} was trained on: {}. Give the old one, "
                          "another run.directory, or --run.accept_changed_corpus=true to go on "
                          "with this one",
                          config.run.directory.string(), what_differs(checkpoint, config, corpus)));
}

}  // namespace charrnn
