#include "corpus/documents.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/corpus.h"
#include "corpus/vocabulary.h"

namespace charrnn {
namespace {

// LF, CR, LF.
constexpr std::size_t kBlankLineLookback = 3;

std::vector<char32_t> characters_of(const std::string& text, bool bytes) {
  std::vector<char32_t> characters;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const Utf8Step step = bytes ? Utf8Step{static_cast<unsigned char>(*at), 1} : next_utf8(at, end);
    characters.push_back(step.character);
    at += step.length;
  }
  return characters;
}

/// The symbols of a text; nothing when one of its characters has none of its own.
std::optional<std::vector<Symbol>> symbols_of(const std::string& text,
                                              const Vocabulary& vocabulary) {
  std::vector<Symbol> symbols;
  for (const char32_t character : characters_of(text, vocabulary.bytes())) {
    const std::optional<Symbol> symbol = vocabulary.find(character);
    if (!symbol) return std::nullopt;
    symbols.push_back(*symbol);
  }
  return symbols;
}

}  // namespace

DocumentForm document_form(const CorpusOptions& options) {
  DocumentForm form{options.documents, options.separator};
  if (options.format != TextFormat::kText && form.end == DocumentEnd::kNone) {
    return {DocumentEnd::kSeparator, kRecordEnd};  // each record is one
  }
  if (form.end != DocumentEnd::kSeparator) return form;
  const std::size_t length =
      characters_of(form.separator, options.encoding == Encoding::kBytes).size();
  if (length == 0 || length > Documents::kMaxLookback) {
    throw Error(ErrorKind::kConfig,
                "corpus.documents = separator needs a corpus.separator of 1 to " +
                    std::to_string(Documents::kMaxLookback) + " characters, not " +
                    std::to_string(length));
  }
  return form;
}

Documents::Documents(const DocumentForm& form, const Vocabulary& vocabulary,
                     std::vector<std::uint64_t> file_starts)
    : end_(form.end) {
  if (end_ == DocumentEnd::kFile) starts_ = std::move(file_starts);
  if (end_ == DocumentEnd::kBlankLine || end_ == DocumentEnd::kLine) {
    const std::optional<Symbol> line_feed = vocabulary.find(U'\n');
    possible_ = line_feed.has_value();
    last_ = line_feed.value_or(0);
    carriage_return_ = vocabulary.find(U'\r');
    lookback_ = end_ == DocumentEnd::kLine ? 1 : kBlankLineLookback;
  }
  if (end_ == DocumentEnd::kSeparator) {
    auto separator = symbols_of(form.separator, vocabulary);
    possible_ = separator.has_value();
    separator_ = std::move(separator).value_or(std::vector<Symbol>());
    lookback_ = separator_.size();
    if (lookback_ > 0) last_ = separator_.back();
  }
}

void Documents::find(std::uint64_t first, std::span<const Symbol> symbols,
                     std::vector<std::size_t>& begins) const {
  if (end_ == DocumentEnd::kNone || !possible_) return;
  if (end_ == DocumentEnd::kFile) return find_files(first, symbols.size(), begins);
  const std::size_t before = std::min<std::uint64_t>(lookback_, first);
  for (std::size_t at = std::max<std::size_t>(before, 1); at < symbols.size(); ++at) {
    if (symbols[at - 1] == last_ && follows_end(symbols, at)) begins.push_back(at - before);
  }
}

bool Documents::begins_at(std::span<const Symbol> text, std::size_t at) const {
  if (lookback_ == 0 || !possible_ || at == 0) return false;
  return text[at - 1] == last_ && follows_end(text, at);
}

std::vector<Symbol> Documents::opening() const {
  if (lookback_ == 0 || !possible_) return {};
  if (end_ == DocumentEnd::kSeparator) return separator_;
  return std::vector<Symbol>(end_ == DocumentEnd::kLine ? 1 : 2, last_);
}

bool DocumentTracker::begins(Symbol next) {
  if (!documents_ || documents_->lookback() == 0) return false;
  const std::size_t lookback = documents_->lookback();
  if (last_.size() > 2 * lookback + 16) {
    last_.erase(last_.begin(), last_.end() - static_cast<std::ptrdiff_t>(lookback));
  }
  last_.push_back(next);
  return documents_->begins_at(last_, last_.size() - 1);
}

void Documents::find_files(std::uint64_t first, std::size_t count,
                           std::vector<std::size_t>& begins) const {
  auto start = std::lower_bound(starts_.begin(), starts_.end(), first);
  for (; start != starts_.end() && *start < first + count; ++start) {
    // An empty file begins where the next one does.
    if (start + 1 != starts_.end() && start[1] == *start) continue;
    begins.push_back(static_cast<std::size_t>(*start - first));
  }
}

/// symbols[at - 1] is last_.
bool Documents::follows_end(std::span<const Symbol> symbols, std::size_t at) const {
  if (end_ == DocumentEnd::kBlankLine) return follows_blank_line(symbols, at);
  if (end_ == DocumentEnd::kSeparator) return follows_separator(symbols, at);
  return true;
}

bool Documents::follows_blank_line(std::span<const Symbol> symbols, std::size_t at) const {
  if (symbols[at] == last_ || symbols[at] == carriage_return_) return false;
  if (at >= 2 && symbols[at - 2] == last_) return true;
  return at >= 3 && symbols[at - 2] == carriage_return_ && symbols[at - 3] == last_;
}

bool Documents::follows_separator(std::span<const Symbol> symbols, std::size_t at) const {
  if (at < separator_.size()) return false;
  return std::equal(separator_.begin(), separator_.end(),
                    symbols.begin() + static_cast<std::ptrdiff_t>(at - separator_.size()));
}

}  // namespace charrnn
