#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "corpus/documents.h"
#include "corpus/records.h"
#include "corpus/symbol.h"
#include "corpus/text_form.h"
#include "corpus/vocabulary.h"

namespace charrnn {

/// In which order the training text is read.
enum class TextOrder : std::uint8_t {
  kSequential,  ///< as it stands
  kShuffled,    ///< its blocks in another order each epoch
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<TextOrder>{"sequential", "shuffled"};

/// Where the text comes from and how its bytes become characters.
struct CorpusOptions {
  /// The text to learn from: files, globs, directories (read recursively in the order of their
  /// names; hidden files are skipped), `@list.txt` (a file that lists others) or `-` (standard
  /// input). They are read one after another, in the order of this list, as one text.
  std::vector<std::string> files;

  /// The key that names `files`, for messages: other texts are opened with the same options.
  std::string key = "corpus.files";

  /// What the files hold. Of `jsonl` and `csv` one field of each record is read, and each record is
  /// a document: where `documents` is `none`, it ends with U+001E, which the model learns, too.
  TextFormat format = TextFormat::kText;

  /// The field of each record that is text, when `format` is not `text`.
  std::string field = "text";

  /// How bytes become characters. Set it to what the files are: a wrong encoding either stops at
  /// the first invalid byte or trains on nonsense. `bytes` takes any file at all and translates no
  /// newlines.
  Encoding encoding = Encoding::kUtf8;

  /// Whether CRLF and CR are read as LF. Keep them only if the model is to write them, too: they
  /// cost a symbol and a character at the end of each line.
  Newlines newlines = Newlines::kUniversal;

  /// What happens to bytes that are not valid in the encoding. `error` stops before training and
  /// names the file and the byte; the two others count what they changed and warn of it.
  Invalid invalid = Invalid::kError;

  /// Characters that occur less often than this in the corpus are read as the one symbol `<unk>`; 0
  /// keeps all. The size of the vocabulary sets the cost of the output layer, so raise this when a
  /// few stray characters make it many times larger.
  std::uint64_t min_count = 0;

  /// The Unicode normal form. `nfc` helps when the files write the same accented letters in two
  /// ways; it expands the text into the cache first.
  NormalForm normalise = NormalForm::kNone;

  /// The share of the characters, from the end of the text, that is held out for validation:
  /// training never sees it. Unused when validation has files of its own.
  double validation_fraction = 0.1;

  /// What separates documents. Where one begins, the carried state of its row is zeroed, so that
  /// nothing of the document before it leaks into the predictions.
  DocumentEnd documents = DocumentEnd::kNone;

  /// The text that ends a document when `documents` is `separator`: 1 to 256 characters. It stays
  /// in the text and is learned.
  std::string separator;

  /// In which order the training text is read. `shuffled` helps when the text changes its kind on
  /// the way (one language after another); each block then begins with a zeroed state. Validation
  /// is always sequential.
  TextOrder order = TextOrder::kSequential;

  /// Characters of a block that is shuffled. A longer block gives the carried state more room, a
  /// shorter one mixes better; many windows (train.sequence_length) should fit into one.
  std::uint64_t shuffle_block = 8192;

  /// The folder that keeps indexes and expanded inputs from run to run; empty: the user's cache
  /// folder. What is in it may be deleted at any time and is made again.
  std::filesystem::path cache_directory;

  /// Bytes that expanded (compressed, piped or converted) inputs may take in the cache. A text that
  /// needs more is refused before the disk is full.
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
