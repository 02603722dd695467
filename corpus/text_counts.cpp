#include "corpus/text_counts.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <span>
#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::uint64_t kPieceCharacters = 1 << 20;

std::uint64_t pieces_of(std::uint64_t characters) {
  return (characters + kPieceCharacters - 1) / kPieceCharacters;
}

/// The symbols of piece number `piece` of a range, and of up to `lookback` characters in front of
/// it.
struct Piece {
  std::uint64_t first = 0;   // character of the text
  std::uint64_t before = 0;  // symbols in front of it
  std::vector<Symbol> symbols;
};

Piece read_piece(const Corpus& corpus, CharacterRange range, std::uint64_t piece,
                 std::uint64_t lookback) {
  Piece read;
  read.first = range.first + piece * kPieceCharacters;
  read.before = std::min(lookback, read.first);
  const std::uint64_t count =
      read.before + std::min(kPieceCharacters, range.first + range.count - read.first);
  Position at = corpus.locate(read.first - read.before);
  std::string bytes;
  corpus.read(at, count, bytes);
  read.symbols.resize(count);
  corpus.decode(bytes, read.symbols.data(), count);
  return read;
}

CharacterRange whole(const Corpus& corpus) { return {.first = 0, .count = corpus.characters()}; }

/// The begins of documents in one piece, as places in the whole text.
std::vector<std::uint64_t> begins_in(const Corpus& corpus, std::uint64_t piece) {
  const Documents& documents = corpus.documents();
  const Piece read = read_piece(corpus, whole(corpus), piece, documents.lookback());
  std::vector<std::size_t> places;
  documents.find(read.first, read.symbols, places);
  std::vector<std::uint64_t> begins;
  for (const std::size_t place : places) begins.push_back(read.first + place);
  return begins;
}

/// Where the files of a text begin that hold a character, but for the first one.
std::vector<std::uint64_t> begins_of_files(const Corpus& corpus) {
  std::vector<std::uint64_t> begins = corpus.file_starts();
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  std::erase_if(begins,
                [&](std::uint64_t begin) { return begin == 0 || begin >= corpus.characters(); });
  return begins;
}

/// What is kept of the begins in one piece, or in several one after another.
struct Summary {
  std::uint64_t count = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t longest = 0;  // from one begin to the next
};

Summary summary_of(std::span<const std::uint64_t> begins) {
  if (begins.empty()) return {};
  Summary all{begins.size(), begins.front(), begins.back(), 0};
  for (std::size_t i = 1; i < begins.size(); ++i) {
    all.longest = std::max(all.longest, begins[i] - begins[i - 1]);
  }
  return all;
}

DocumentCounts joined(std::span<const Summary> summaries, std::uint64_t characters) {
  DocumentCounts counts;
  std::uint64_t begin = 0;
  for (const Summary& next : summaries) {
    if (next.count == 0) continue;
    counts.documents += next.count;
    counts.longest = std::max({counts.longest, next.first - begin, next.longest});
    begin = next.last;
  }
  counts.longest = std::max(counts.longest, characters - begin);
  return counts;
}

}  // namespace

DocumentCounts count_documents(const Corpus& corpus, const std::atomic<bool>* stop) {
  const DocumentForm form = corpus.vocabulary().reading().documents;
  if (form.end == DocumentEnd::kNone || !corpus.documents().possible()) {
    return {1, corpus.characters()};
  }
  if (form.end == DocumentEnd::kFile) {
    const Summary files = summary_of(begins_of_files(corpus));
    return joined({&files, 1}, corpus.characters());
  }
  std::vector<Summary> summaries(pieces_of(corpus.characters()));
  tbb::parallel_for(std::size_t{0}, summaries.size(), [&](std::size_t piece) {
    check_stop(stop, "counting the documents");
    summaries[piece] = summary_of(begins_in(corpus, piece));
  });
  return joined(summaries, corpus.characters());
}

bool has_documents(const Corpus& corpus, const std::atomic<bool>* stop) {
  const DocumentForm form = corpus.vocabulary().reading().documents;
  if (form.end == DocumentEnd::kNone || !corpus.documents().possible()) return false;
  if (form.end == DocumentEnd::kFile) return !begins_of_files(corpus).empty();
  std::atomic<bool> found = false;
  tbb::parallel_for(std::uint64_t{0}, pieces_of(corpus.characters()), [&](std::uint64_t piece) {
    if (found) return;
    check_stop(stop, "looking for documents");
    if (!begins_in(corpus, piece).empty()) found = true;
  });
  return found;
}

std::vector<std::uint64_t> count_symbols(const Corpus& corpus, CharacterRange range,
                                         const std::atomic<bool>* stop) {
  using Counts = std::vector<std::uint64_t>;
  tbb::enumerable_thread_specific<Counts> each(Counts(corpus.vocabulary().size()));
  tbb::parallel_for(std::uint64_t{0}, pieces_of(range.count), [&](std::uint64_t piece) {
    check_stop(stop, "counting characters");
    Counts& counts = each.local();
    for (const Symbol symbol : read_piece(corpus, range, piece, 0).symbols) ++counts[symbol];
  });
  Counts all(corpus.vocabulary().size());
  for (const Counts& counts : each) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += counts[i];
  }
  return all;
}

}  // namespace charrnn
