#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/named_enum.h"
#include "corpus/symbol.h"

namespace charrnn {

struct CorpusOptions;
class Vocabulary;

/// What parts a text into documents.
enum class DocumentEnd : std::uint8_t {
  kNone,       ///< the text is one
  kFile,       ///< each file that holds a character begins one
  kBlankLine,  ///< what follows two or more line ends (LF or CRLF) begins one
  kSeparator,  ///< what follows the separator begins one
  kLine        ///< each line begins one, an empty one too
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<DocumentEnd>{"none", "file", "blank_line",
                                                                     "separator", "line"};

/// How documents are told apart.
struct DocumentForm {
  DocumentEnd end = DocumentEnd::kNone;
  std::string separator = {};  ///< UTF-8, or bytes in a text of bytes

  bool operator==(const DocumentForm&) const = default;
};

/// The form that the options name. Throws Error(kConfig) for a separator that is empty or too long.
DocumentForm document_form(const CorpusOptions& options);

/// Where the documents of a text begin. Whether a character begins one depends on a few characters
/// in front of it and nothing else, so that any piece of the text can be looked at by itself.
/// Immutable: any number of threads.
class Documents {
 public:
  /// The longest separator, in characters.
  static constexpr std::size_t kMaxLookback = 256;

  /// No character begins a document.
  Documents() = default;

  /// `file_starts`: as Corpus::file_starts().
  Documents(const DocumentForm& form, const Vocabulary& vocabulary,
            std::vector<std::uint64_t> file_starts);

  /// Characters in front of a piece that find() has to see, where the text has that many.
  std::size_t lookback() const { return lookback_; }

  /// False when no text of this alphabet can hold a begin: it lacks a character that they need.
  bool possible() const { return possible_; }

  /// Appends to `begins` which characters of a piece begin a document, counted from the piece's
  /// first. `first`: the corpus's number of that one. `symbols`: min(lookback(), first) characters
  /// in front of the piece, then the piece.
  void find(std::uint64_t first, std::span<const Symbol> symbols,
            std::vector<std::size_t>& begins) const;

  /// Whether the character text[at] begins a document, seen from the min(lookback(), at) characters
  /// in front of it. False where files are documents, which no character shows.
  bool begins_at(std::span<const Symbol> text, std::size_t at) const;

  /// Characters in front of which a document's first character stands: a line feed, two of them,
  /// or the separator. Empty where documents have no such end. A model that has read them from a
  /// zeroed state is about to write the first character of a document.
  std::vector<Symbol> opening() const;

 private:
  void find_files(std::uint64_t first, std::size_t count, std::vector<std::size_t>& begins) const;
  bool follows_end(std::span<const Symbol> symbols, std::size_t at) const;
  bool follows_blank_line(std::span<const Symbol> symbols, std::size_t at) const;
  bool follows_separator(std::span<const Symbol> symbols, std::size_t at) const;

  DocumentEnd end_ = DocumentEnd::kNone;
  std::size_t lookback_ = 0;
  bool possible_ = true;
  std::vector<std::uint64_t> starts_;  // of the files, ascending
  std::vector<Symbol> separator_;
  Symbol last_ = 0;  // the last character of what ends a document
  std::optional<Symbol> carriage_return_;
};

/// Follows a text that comes one character after another, and tells where its documents begin: what
/// feeds characters to a network zeroes the state there, as training does. A copy goes on from the
/// same place. For one thread.
class DocumentTracker {
 public:
  DocumentTracker() = default;

  /// At the begin of a text. `documents` is shared, and may be null: then nothing begins one.
  explicit DocumentTracker(std::shared_ptr<const Documents> documents)
      : documents_(std::move(documents)) {}

  /// Takes the next character of the text. True when it begins a document: then the network must
  /// forget what it carries before it is fed this one.
  bool begins(Symbol next);

 private:
  std::shared_ptr<const Documents> documents_;
  std::vector<Symbol> last_;  // a few more than Documents::lookback() at most
};

}  // namespace charrnn
