#include "corpus/index.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/block_scan.h"
#include "corpus/decompress.h"
#include "corpus/file_kind.h"
#include "corpus/index_numbers.h"

namespace charrnn {
namespace {

/// Consecutive blocks of one file: what one task reads and scans, and what it found.
struct Piece {
  std::uint32_t file = 0;
  std::uint64_t first_block = 0;  // of the file
  std::uint64_t block_count = 0;
  bool uniform = true;
  std::uint64_t invalid = 0;
  std::uint64_t first_invalid = 0;  // byte of the file
  CharacterHash content = {};
};

/// What a worker keeps from task to task.
struct Worker {
  std::vector<char> buffer;
  Histogram histogram;
};

class IndexPass {
 public:
  IndexPass(const TextForm& form, const IndexShape& shape, const std::atomic<bool>* stop,
            bool plain)
      : form_(form), shape_(shape), stop_(stop), plain_(plain) {}

  std::optional<CorpusIndex> run(const std::vector<std::string>& paths);

 private:
  void look_at_files(const std::vector<std::string>& paths);
  void look_at(std::uint32_t number);
  void scan_small(std::uint32_t number, const InputFile& input);
  void look_at_head(const std::string& path, std::string_view head);
  void lay_out();
  void scan_pieces();
  void scan(std::size_t number);
  void scan_block_of(Piece& piece, std::uint64_t block, BlockView view, BlockStart& start);
  void note_invalid(const Piece& piece, std::size_t number, std::atomic<std::size_t>& first) const;
  void add_up(const Piece& piece);
  void refuse_invalid() const;

  TextForm form_;
  IndexShape shape_;
  const std::atomic<bool>* stop_;
  bool plain_;  // compressed files are not to be read as text
  std::atomic<bool> compressed_ = false;
  CorpusIndex index_;
  std::vector<BlockStart> small_;  // of each file of one block
  std::vector<Piece> pieces_;      // of the others
  std::atomic<std::size_t> first_bad_small_{SIZE_MAX};
  std::atomic<std::size_t> first_bad_piece_{SIZE_MAX};
  tbb::enumerable_thread_specific<Worker> workers_;
};

constexpr char kDoing[] = "indexing the text";
constexpr char kChanged[] = "changed while it was indexed; start again";

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ErrorKind::kInput, path + ": " + reason);
}

/// Where the text of a file that begins with `head` begins: behind a byte order mark.
std::uint64_t text_begin(std::string_view head, const TextForm& form) {
  return !form.single_byte() && head.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
}

/// Reads the bytes [begin, end) of a file of `bytes` and those around them. The view is of
/// `buffer`.
BlockView read_block(const InputFile& input, std::uint64_t bytes, std::uint64_t begin,
                     std::uint64_t end, std::vector<char>& buffer) {
  constexpr std::uint64_t kMargin = BlockView::kMargin;
  buffer.resize(
      std::max<std::size_t>(buffer.size(), end - begin + 2 * kMargin + BlockView::kPadding));
  char* const to = buffer.data() + kMargin;
  const std::uint64_t before = std::min(kMargin, begin);
  const std::uint64_t behind = std::min(kMargin, bytes - end);
  std::fill_n(buffer.data(), kMargin, '\0');
  input.read_exactly(begin - before, to - before, before + (end - begin) + behind);
  std::fill_n(to + (end - begin) + behind, kMargin - behind + BlockView::kPadding, '\0');
  return {to, to + (end - begin), to - before, to + (end - begin) + behind};
}

void IndexPass::look_at_files(const std::vector<std::string>& paths) {
  index_.files.resize(paths.size());
  small_.resize(paths.size());
  tbb::parallel_for(std::uint32_t{0}, static_cast<std::uint32_t>(paths.size()),
                    [&](std::uint32_t i) {
                      check_stop(stop_, kDoing);
                      // What lies behind a mistake cannot change which one is the first.
                      if (compressed_ || i > first_bad_small_) return;
                      index_.files[i].path = paths[i];
                      look_at(i);
                    });
}

/// A file of one block is read at once: to open it again would cost as much as to scan it.
void IndexPass::look_at(std::uint32_t number) {
  IndexedFile& file = index_.files[number];
  const InputFile input(file.path);
  file.status = input.opened();
  file.block_count = (file.bytes() + shape_.block_bytes - 1) / shape_.block_bytes;
  file.uniform = true;
  if (file.block_count == 1) {
    scan_small(number, input);
    return;
  }
  file.hash = input.sampled_hash(file.bytes());
  std::array<char, kKindHead> head;
  if (plain_) look_at_head(file.path, {head.data(), input.read(0, head.data(), head.size())});
}

void IndexPass::scan_small(std::uint32_t number, const InputFile& input) {
  IndexedFile& file = index_.files[number];
  const BlockView view = read_block(input, file.bytes(), 0, file.bytes(), workers_.local().buffer);
  const std::string_view text(view.begin, view.end);
  if (plain_) look_at_head(file.path, text);
  if (input.status() != file.status) fail(file.path, kChanged);
  file.hash = sampled_hash(text);
  Piece piece{.file = number, .first_block = 0, .block_count = 1};
  scan_block_of(piece, 0, view, small_[number]);
  note_invalid(piece, number, first_bad_small_);
  add_up(piece);
}

void IndexPass::look_at_head(const std::string& path, std::string_view head) {
  if (compression_of(head) != Compression::kNone) {
    compressed_ = true;
  } else if (const auto kind = wrong_kind(head, form_.encoding)) {
    fail(path, *kind);
  }
}

void IndexPass::lay_out() {
  std::uint64_t blocks = 0;
  for (IndexedFile& file : index_.files) {
    file.first_block = blocks;
    blocks += file.block_count;
  }
  index_.blocks.resize(blocks);
  for (std::uint32_t i = 0; i < index_.files.size(); ++i) {
    const IndexedFile& file = index_.files[i];
    if (file.block_count == 1) index_.blocks[file.first_block] = small_[i];
    if (file.block_count <= 1 || i > first_bad_small_) continue;
    for (std::uint64_t first = 0; first < file.block_count; first += shape_.blocks_per_piece) {
      const std::uint64_t left = file.block_count - first;
      pieces_.push_back({.file = i,
                         .first_block = first,
                         .block_count = std::min<std::uint64_t>(left, shape_.blocks_per_piece)});
    }
  }
}

void IndexPass::scan_pieces() {
  tbb::parallel_for(std::size_t{0}, pieces_.size(), [&](std::size_t number) {
    check_stop(stop_, kDoing);
    if (number <= first_bad_piece_) scan(number);
  });
  for (const Piece& piece : pieces_) add_up(piece);
  pieces_ = {};
}

void IndexPass::scan(std::size_t number) {
  Piece& piece = pieces_[number];
  const IndexedFile& file = index_.files[piece.file];
  const InputFile input(file.path);
  for (std::uint64_t i = piece.first_block; i < piece.first_block + piece.block_count; ++i) {
    const std::uint64_t begin = i * shape_.block_bytes;
    const std::uint64_t end = std::min(begin + shape_.block_bytes, file.bytes());
    const BlockView view = read_block(input, file.bytes(), begin, end, workers_.local().buffer);
    scan_block_of(piece, i, view, index_.blocks[file.first_block + i]);
  }
  if (input.status() != file.status) fail(file.path, kChanged);
  note_invalid(piece, number, first_bad_piece_);
}

void IndexPass::scan_block_of(Piece& piece, std::uint64_t block, BlockView view,
                              BlockStart& start) {
  std::uint64_t mark = 0;
  if (block == 0) {
    // Only the task of the first piece knows where the text begins, and only it has to.
    mark = text_begin({view.begin, view.end}, form_);
    index_.files[piece.file].begin = mark;
    view.begin += mark;
    view.text_begin = view.begin;
  }
  const BlockScan scanned = scan_block(view, form_, workers_.local().histogram, piece.content);
  start.character = scanned.characters;  // until number_characters()
  start.skew = std::min<std::uint64_t>(mark + scanned.skew, 0xFFFF);
  if (scanned.invalid > 0 && piece.invalid == 0) {
    piece.first_invalid = block * shape_.block_bytes + mark + scanned.first_invalid;
  }
  piece.invalid += scanned.invalid;
  piece.uniform = piece.uniform && scanned.uniform;
}

void IndexPass::note_invalid(const Piece& piece, std::size_t number,
                             std::atomic<std::size_t>& first) const {
  if (piece.invalid == 0 || form_.invalid != Invalid::kError) return;
  std::size_t known = first;
  while (number < known && !first.compare_exchange_weak(known, number)) {
  }
}

void IndexPass::add_up(const Piece& piece) {
  IndexedFile& file = index_.files[piece.file];
  if (file.invalid == 0) file.first_invalid = piece.first_invalid;
  file.invalid += piece.invalid;
  file.uniform = file.uniform && piece.uniform;
  file.content.join(piece.content);
}

/// The bytes around the first fault of a file.
std::string around(const IndexedFile& file) {
  const std::uint64_t begin = file.first_invalid - std::min(file.first_invalid, kAdviceBytes);
  std::string bytes(2 * kAdviceBytes, '\0');
  bytes.resize(InputFile(file.path).read(begin, bytes.data(), bytes.size()));
  return bytes;
}

void IndexPass::refuse_invalid() const {
  for (const IndexedFile& file : index_.files) {
    if (file.invalid == 0) continue;
    fail(file.path, "not valid UTF-8 at byte " + std::to_string(file.first_invalid) + ": " +
                        advice_for_invalid_utf8(around(file)));
  }
}

std::optional<CorpusIndex> IndexPass::run(const std::vector<std::string>& paths) {
  index_.block_bytes = shape_.block_bytes;
  look_at_files(paths);
  if (compressed_) return std::nullopt;
  lay_out();
  scan_pieces();
  if (form_.invalid == Invalid::kError) refuse_invalid();
  Histogram histogram;
  for (const Worker& worker : workers_) histogram.add(worker.histogram);
  number_characters(index_, form_, histogram, stop_);
  index_.characters = histogram.characters();
  return std::move(index_);
}

}  // namespace

CorpusIndex build_index(const std::vector<std::string>& paths, const TextForm& form,
                        const IndexShape& shape, const std::atomic<bool>* stop) {
  return *IndexPass(form, shape, stop, false).run(paths);
}

std::optional<CorpusIndex> index_if_plain(const std::vector<std::string>& paths,
                                          const TextForm& form, const IndexShape& shape,
                                          const std::atomic<bool>* stop) {
  return IndexPass(form, shape, stop, true).run(paths);
}

}  // namespace charrnn
