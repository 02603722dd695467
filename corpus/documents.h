#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "corpus/symbol.h"
#include "corpus/vocabulary.h"

namespace charrnn {

struct CorpusOptions;

/// What parts a text into documents.
enum class DocumentEnd : std::uint8_t {
  kNone,       ///< the text is one
  kFile,       ///< each file that holds a character begins one
  kBlankLine,  ///< what follows two or more line ends (LF or CRLF) begins one
  kSeparator   ///< what follows the separator begins one
};

/// How documents are told apart.
struct DocumentForm {
  DocumentEnd end = DocumentEnd::kNone;
  std::string separator = {};  ///< UTF-8, or bytes in a text of bytes
};

/// The form that the options name. Throws Error(kConfig) for words that they do not know.
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

 private:
  void find_files(std::uint64_t first, std::size_t count, std::vector<std::size_t>& begins) const;
  bool follows_blank_line(std::span<const Symbol> symbols, std::size_t at) const;
  bool follows_separator(std::span<const Symbol> symbols, std::size_t at) const;

  DocumentEnd end_ = DocumentEnd::kNone;
  std::size_t lookback_ = 0;
  bool possible_ = true;
  std::vector<std::uint64_t> starts_;  // of the files, ascending
  std::vector<Symbol> separator_;
  Symbol line_feed_ = 0;
  std::optional<Symbol> carriage_return_;
};

}  // namespace charrnn
