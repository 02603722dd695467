#include "serve/engine/text_pattern.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "serve/engine/dfa_matcher.h"

namespace charrnn {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kMostAtomTests = 1'000'000;

std::vector<Symbol> usable_symbols(const Vocabulary& vocabulary,
                                   const std::vector<Symbol>& allowed) {
  std::vector<Symbol> symbols = allowed;
  if (symbols.empty()) {
    symbols.resize(vocabulary.size());
    std::iota(symbols.begin(), symbols.end(), Symbol{0});
  }
  std::erase_if(symbols, [&](Symbol symbol) {
    return symbol == vocabulary.unknown() ||
           (vocabulary.bytes() && vocabulary.characters()[symbol] >= 0x80);
  });
  return symbols;
}

// Symbols that are matched by the same atoms are matched alike everywhere. Returns one symbol's
// text for each class.
std::vector<std::string> part_into_classes(const PatternSyntax& syntax,
                                           const Vocabulary& vocabulary,
                                           const std::vector<Symbol>& symbols,
                                           std::vector<std::uint16_t>& class_of) {
  if (symbols.size() * syntax.atoms.size() > kMostAtomTests) {
    throw PatternError("it has too many different classes for this vocabulary");
  }
  std::vector<DfaMatcher> atoms;
  for (const std::string& atom : syntax.atoms) atoms.emplace_back(atom);
  std::map<std::vector<bool>, std::uint16_t> classes;
  std::vector<std::string> texts;
  for (const Symbol symbol : symbols) {
    std::string text;
    vocabulary.append(symbol, text);
    std::vector<bool> matched;
    for (DfaMatcher& atom : atoms) matched.push_back(atom.matches(text));
    const auto [place, is_new] =
        classes.emplace(std::move(matched), static_cast<std::uint16_t>(texts.size()));
    if (is_new) texts.push_back(text);
    class_of[symbol] = place->second;
  }
  return texts;
}

// Follows a matcher from its start through all its states.
class StateFinder {
 public:
  StateFinder(const std::string& pattern, std::vector<std::string> classes)
      : matcher_(pattern), classes_(std::move(classes)) {
    add(matcher_.start());
    for (std::size_t state = 0; state < places_.size(); ++state) follow(state);
  }

  std::vector<TextPattern::State> next;  // [states, classes + 1]
  std::vector<bool> complete;            // [states]

 private:
  TextPattern::State add(DfaMatcher::Place place) {
    const auto number = static_cast<TextPattern::State>(places_.size());
    const auto [found, is_new] = numbers_.emplace(place, number);
    if (!is_new) return found->second;
    if (places_.size() == TextPattern::kMostStates) refuse();
    complete.push_back(matcher_.ends(place));
    places_.push_back(std::move(place));
    return number;
  }

  void follow(std::size_t state) {
    for (const std::string& text : classes_) {
      if (++steps_ > TextPattern::kMostSteps) refuse();
      auto place = matcher_.after(places_[state], text);
      next.push_back(place ? add(std::move(*place)) : TextPattern::kNone);
    }
    next.push_back(TextPattern::kNone);
  }

  [[noreturn]] static void refuse() {
    throw PatternError("it has too many states: use shorter repetitions and fewer alternatives");
  }

  DfaMatcher matcher_;
  std::vector<std::string> classes_;
  std::vector<DfaMatcher::Place> places_;
  std::unordered_map<DfaMatcher::Place, TextPattern::State> numbers_;
  std::size_t steps_ = 0;
};

}  // namespace

TextPattern::TextPattern(std::string_view regex, const Vocabulary& vocabulary,
                         const std::vector<Symbol>& allowed) {
  if (regex.size() > kLongest) {
    throw PatternError("it has more than " + std::to_string(kLongest) + " bytes");
  }
  const PatternSyntax syntax = read_pattern(regex);
  const auto symbols = usable_symbols(vocabulary, allowed);
  class_of_.resize(vocabulary.size());
  std::vector<bool> used(vocabulary.size());
  for (const Symbol symbol : symbols) used[symbol] = true;
  auto classes = part_into_classes(syntax, vocabulary, symbols, class_of_);
  classes_ = classes.size() + 1;
  for (std::size_t symbol = 0; symbol < class_of_.size(); ++symbol) {
    if (!used[symbol]) class_of_[symbol] = static_cast<std::uint16_t>(classes.size());
  }
  StateFinder finder(syntax.pattern, std::move(classes));
  next_ = std::move(finder.next);
  prune(std::move(finder.complete));
  if (shortest_[kStart] == kNever) {
    throw PatternError("it matches no text that this model can write");
  }
}

// Counts back from the ends of matches, and cuts off what leads to none.
void TextPattern::prune(std::vector<bool> complete) {
  const std::size_t states = complete.size();
  shortest_.assign(states, kNever);
  std::vector<std::vector<State>> from(states);
  for (std::size_t i = 0; i < next_.size(); ++i) {
    if (next_[i] != kNone) from[next_[i]].push_back(static_cast<State>(i / classes_));
  }
  std::vector<State> reached;
  for (std::size_t state = 0; state < states; ++state) {
    if (!complete[state]) continue;
    shortest_[state] = 0;
    reached.push_back(static_cast<State>(state));
  }
  for (std::size_t i = 0; i < reached.size(); ++i) {
    for (const State before : from[reached[i]]) {
      if (shortest_[before] != kNever) continue;
      shortest_[before] = shortest_[reached[i]] + 1;
      reached.push_back(before);
    }
  }
  goes_on_.assign(states, 0);
  for (std::size_t i = 0; i < next_.size(); ++i) {
    if (next_[i] != kNone && shortest_[next_[i]] == kNever) next_[i] = kNone;
    if (next_[i] != kNone) goes_on_[i / classes_] = 1;
  }
}

void TextPattern::find_fitting(State state, std::uint64_t most,
                               std::vector<std::uint8_t>& fits) const {
  fits.resize(class_of_.size());
  const State* const row = next_.data() + state * classes_;
  for (std::size_t symbol = 0; symbol < fits.size(); ++symbol) {
    const State after = row[class_of_[symbol]];
    fits[symbol] = after != kNone && shortest_[after] < most ? 1 : 0;
  }
}

}  // namespace charrnn
