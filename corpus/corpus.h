#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/documents.h"
#include "corpus/symbol.h"
#include "corpus/vocabulary.h"

namespace charrnn {

/// Where the text comes from and how its bytes become characters.
struct CorpusOptions {
  /// Files, globs, directories (recursive, sorted, hidden files skipped), `@list.txt`, or `-`.
  std::vector<std::string> files;
  /// The key that names `files`, for messages: other texts are opened with the same options.
  std::string key = "corpus.files";
  /// utf-8 | utf-16 | latin-1 | windows-1252 | bytes (every byte as it is: newlines are not
  /// translated)
  std::string encoding = "utf-8";
  /// universal: CRLF and CR are read as LF, as Python's text mode does; keep: as they are.
  std::string newlines = "universal";
  /// error | replace (U+FFFD) | skip: what to do about bytes that are not valid in the encoding.
  std::string invalid = "error";
  /// Characters rarer than this are folded into `<unk>`; 0 keeps all.
  std::uint64_t min_count = 0;
  /// none | nfc
  std::string normalise = "none";
  /// The share of the characters, from the end, that training never sees.
  double validation_fraction = 0.1;
  /// none | file | blank_line | separator | line: where a document begins, the row's carried state
  /// is zeroed.
  std::string documents = "none";
  /// What ends a document when `documents` is `separator`; it stays in the text.
  std::string separator;
  /// sequential: as it stands; shuffled: its blocks in another order each epoch, each begun with a
  /// zeroed state. Validation is always sequential.
  std::string order = "sequential";
  /// Characters of one block of the shuffled order.
  std::uint64_t shuffle_block = 8192;
  /// Where indexes and expanded inputs are kept; empty: the user's cache folder.
  std::filesystem::path cache_directory;
  /// Upper bound in bytes for expanded (compressed, piped, converted) inputs.
  std::uint64_t cache_limit = std::uint64_t{64} << 30;
};

/// What the fingerprints of characters begin with; those of earlier versions do not.
inline constexpr std::string_view kFingerprintOfCharacters = "text-";

/// A run of characters of the corpus, by their numbers.
struct CharacterRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// The place of one character: its number, the file it stands in and the byte where it begins.
struct Position {
  std::uint64_t character = 0;
  std::uint32_t file = 0;
  std::uint64_t byte = 0;
};

/// What opening a corpus found, beside the text.
struct CorpusReport {
  std::uint64_t bytes = 0;         ///< of the files that are read
  std::uint64_t invalid = 0;       ///< ill-formed sequences that were replaced or skipped
  std::string first_invalid_file;  ///< where the first of them is
  std::uint64_t first_invalid_byte = 0;
  bool index_from_cache = false;       ///< the text itself was not read
  bool index_kept = false;             ///< in the cache, for the next time
  std::uint64_t index_bytes = 0;       ///< of the index in memory, and of its file when it is kept
  std::filesystem::path cache_folder;  ///< where indexes and expanded inputs are kept; may be empty
  std::uint64_t expanded_files = 0;    ///< inputs that were written to the cache as plain text
  std::uint64_t expanded_bytes = 0;    ///< that these take there
};

/// Settles in which alphabet a text is read, given the one that was found in it.
using ChooseAlphabet = std::function<Vocabulary(Vocabulary found)>;

/// All text of a run as one sequence of characters over any number of files. Never holds the text:
/// an index says where every character lies, and reads go straight to the files.
/// Immutable after open(); every const member may be called from any number of threads.
class Corpus {
 public:
  /// Finds the files, indexes them (one pass; cached) and determines the vocabulary.
  /// Throws Stopped when `stop` becomes true. Throws Error(kInput) naming the file
  /// (and offset) when a source is missing, unreadable, empty or invalid. With `choose`, characters
  /// that its alphabet lacks are read as its `<unk>`; it has to have one then.
  static std::shared_ptr<const Corpus> open(const CorpusOptions& options,
                                            const std::atomic<bool>* stop = nullptr,
                                            const ChooseAlphabet& choose = {});
  virtual ~Corpus() = default;

  /// Characters in all files, after newline translation.
  virtual std::uint64_t characters() const = 0;

  /// The sorted set of code points of the whole corpus, with counts; or the alphabet that was
  /// chosen when it was opened.
  virtual const Vocabulary& vocabulary() const = 0;

  /// Identifies the characters in their order: the same text in another place, encoding or
  /// compression, with other line ends that are read alike, or cut into other files has the same
  /// one, and any other text another one. Without '+'.
  virtual std::string fingerprint() const = 0;

  /// What earlier versions of the program used: sizes and sampled hashes of the files in order.
  virtual std::string sampled_fingerprint() const { return {}; }

  /// Whether a fingerprint, of this or an earlier version, is that of this text.
  bool has_fingerprint(const std::string& known) const {
    return known == fingerprint() || known == sampled_fingerprint();
  }

  /// The files that are read, in order, as the user named or would name them.
  virtual std::vector<std::filesystem::path> files() const = 0;

  /// What opening it found.
  virtual CorpusReport report() const { return {}; }

  /// The number of the first character of each of files(), in order: where a document begins when
  /// files are documents. An empty file begins where the next one does.
  virtual std::vector<std::uint64_t> file_starts() const { return {0}; }

  /// Where its documents begin.
  virtual const Documents& documents() const {
    static const Documents kNone;
    return kNone;
  }

  /// The place of character number `character` (<= characters()). Reads at most one index block.
  virtual Position locate(std::uint64_t character) const = 0;

  /// Appends the bytes, as stored, of `count` characters from `at` on to `out`, and advances `at`.
  /// The bytes hold exactly `count` characters when given to decode(). Throws Error(kInput) with
  /// file and offset when a file shrank, vanished or became unreadable.
  virtual void read(Position& at, std::uint64_t count, std::string& out) const = 0;

  /// As read(), and returns the place of character number `wanted`, which is one of those that are
  /// passed or the one behind them: where a reader goes on that needs the last few once more.
  virtual Position read_past(Position& at, std::uint64_t count, std::uint64_t wanted,
                             std::string& out) const {
    const std::uint64_t end = at.character + count;
    read(at, wanted - at.character, out);
    const Position place = at;
    read(at, end - wanted, out);
    return place;
  }

  /// Decodes `bytes` as read() gave them into symbols: writes exactly `count` of them to `out`.
  /// Throws Error(kInput) when the bytes hold another number of characters, or one that is not in
  /// the vocabulary: the file was changed after it was indexed.
  virtual void decode(std::string_view bytes, Symbol* out, std::size_t count) const = 0;
};

/// The training part: the first floor((1 - fraction) x n) characters, computed exactly.
CharacterRange training_range(std::uint64_t characters, double validation_fraction);

/// The validation part: all characters after training_range().
CharacterRange validation_range(std::uint64_t characters, double validation_fraction);

}  // namespace charrnn
