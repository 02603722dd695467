#include "corpus/index.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <memory>

#include "corpus/block_scan.h"
#include "corpus/error.h"
#include "corpus/lenient_decoder.h"

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
};

/// What a worker keeps from task to task.
struct Worker {
  std::vector<char> buffer;
  Histogram histogram;
};

class IndexPass {
 public:
  IndexPass(const TextForm& form, const IndexShape& shape, const std::atomic<bool>* stop)
      : form_(form), shape_(shape), stop_(stop) {}

  CorpusIndex run(const std::vector<std::string>& paths);

 private:
  void look_at_files(const std::vector<std::string>& paths);
  void lay_out();
  void scan_pieces();
  void scan(std::size_t number);
  void scan_block_of(Piece& piece, std::uint64_t block, const InputFile& input, Worker& worker);
  void note_invalid(std::size_t number);
  void add_up_pieces();
  void refuse_invalid() const;
  void number_blocks();
  void number_files();
  void merge_broken_newlines();
  void drop_uniform_blocks();
  void check_stop() const;

  TextForm form_;
  IndexShape shape_;
  const std::atomic<bool>* stop_;
  CorpusIndex index_;
  std::vector<Piece> pieces_;
  std::atomic<std::size_t> first_bad_piece_{SIZE_MAX};
  tbb::enumerable_thread_specific<Worker> workers_;
  Histogram histogram_;
};

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ExitCode::kInput, path + ": " + reason);
}

/// Where the text of a file that begins with `head` begins: behind a byte order mark.
std::uint64_t text_begin(std::string_view head, const TextForm& form) {
  return !form.single_byte() && head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

void IndexPass::check_stop() const {
  if (stop_ != nullptr && *stop_) throw Error(ExitCode::kInput, "stopped while indexing the text");
}

void IndexPass::look_at_files(const std::vector<std::string>& paths) {
  index_.files.resize(paths.size());
  tbb::parallel_for(std::size_t{0}, paths.size(), [&](std::size_t i) {
    check_stop();
    index_.files[i].path = paths[i];
    index_.files[i].status = status_of(paths[i]);
  });
}

void IndexPass::lay_out() {
  std::uint64_t blocks = 0;
  for (std::uint32_t i = 0; i < index_.files.size(); ++i) {
    IndexedFile& file = index_.files[i];
    file.first_block = blocks;
    file.block_count = (file.bytes() + shape_.block_bytes - 1) / shape_.block_bytes;
    std::uint64_t first = 0;
    do {  // an empty file has a piece, too
      const std::uint64_t left = file.block_count - first;
      pieces_.push_back({i, first, std::min<std::uint64_t>(left, shape_.blocks_per_piece)});
      first += shape_.blocks_per_piece;
    } while (first < file.block_count);
    blocks += file.block_count;
  }
  index_.blocks.resize(blocks);
}

void IndexPass::scan_pieces() {
  tbb::parallel_for(std::size_t{0}, pieces_.size(), [&](std::size_t number) {
    check_stop();
    // What lies behind a mistake cannot change which one is the first.
    if (number <= first_bad_piece_) scan(number);
  });
}

void IndexPass::scan(std::size_t number) {
  Piece& piece = pieces_[number];
  const IndexedFile& file = index_.files[piece.file];
  Worker& worker = workers_.local();
  const InputFile input(file.path);
  if (piece.first_block == 0 && file.block_count != 1) {
    index_.files[piece.file].hash = input.sampled_hash(file.bytes());
  }
  for (std::uint64_t i = 0; i < piece.block_count; ++i) {
    scan_block_of(piece, piece.first_block + i, input, worker);
  }
  if (input.status() != file.status) fail(file.path, "changed while it was indexed; start again");
  if (piece.invalid > 0) note_invalid(number);
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

void IndexPass::scan_block_of(Piece& piece, std::uint64_t block, const InputFile& input,
                              Worker& worker) {
  const IndexedFile& file = index_.files[piece.file];
  const std::uint64_t begin = block * shape_.block_bytes;
  const std::uint64_t end = std::min(begin + shape_.block_bytes, file.bytes());
  BlockView view = read_block(input, file.bytes(), begin, end, worker.buffer);
  std::uint64_t mark = 0;
  if (block == 0) {
    // Only the task of the first piece knows where the text begins, and only it has to.
    const std::string_view text(view.begin, view.end);
    mark = text_begin(text, form_);
    index_.files[piece.file].begin = mark;
    if (file.block_count == 1) index_.files[piece.file].hash = sampled_hash(text);
    view.begin += mark;
    view.text_begin = view.begin;
  }
  const BlockScan scanned = scan_block(view, form_, worker.histogram);
  BlockStart& start = index_.blocks[file.first_block + block];
  start.character = scanned.characters;  // until number_blocks()
  start.skew = std::min<std::uint64_t>(mark + scanned.skew, 0xFFFF);
  if (scanned.invalid > 0 && piece.invalid == 0) {
    piece.first_invalid = begin + mark + scanned.first_invalid;
  }
  piece.invalid += scanned.invalid;
  piece.uniform = piece.uniform && scanned.uniform;
}

void IndexPass::note_invalid(std::size_t number) {
  if (form_.invalid != Invalid::kError) return;
  std::size_t first = first_bad_piece_;
  while (number < first && !first_bad_piece_.compare_exchange_weak(first, number)) {
  }
}

void IndexPass::add_up_pieces() {
  std::vector<bool> uniform(index_.files.size(), true);
  for (const Piece& piece : pieces_) {
    IndexedFile& file = index_.files[piece.file];
    if (file.invalid == 0) file.first_invalid = piece.first_invalid;
    file.invalid += piece.invalid;
    uniform[piece.file] = uniform[piece.file] && piece.uniform;
  }
  pieces_ = {};
  for (std::size_t i = 0; i < uniform.size(); ++i) index_.files[i].uniform = uniform[i];
}

/// From characters in each block to characters before it.
void IndexPass::number_blocks() {
  for (IndexedFile& file : index_.files) {
    for (std::uint64_t i = 0; i < file.block_count; ++i) {
      BlockStart& start = index_.blocks[file.first_block + i];
      const std::uint64_t in_block = start.character;
      start.character = file.characters;
      file.characters += in_block;
    }
  }
}

void IndexPass::refuse_invalid() const {
  for (const IndexedFile& file : index_.files) {
    if (file.invalid == 0) continue;
    fail(file.path, "not valid UTF-8 at byte " + std::to_string(file.first_invalid) +
                        ": set corpus.encoding to what it is (utf-16, latin-1, bytes), or "
                        "corpus.invalid = replace or skip");
  }
}

// Python drops ill-formed bytes before it looks at newlines. scan_block, which cannot look across
// them, counted a LF too many for each CR and LF that only such bytes part.
void IndexPass::merge_broken_newlines() {
  for (IndexedFile& file : index_.files) {
    if (file.invalid == 0) continue;
    const std::uint64_t seen = file.characters;
    file.characters = 0;
    BlockStart* const starts = index_.blocks.data() + file.first_block;
    std::uint64_t begun = 0;  // blocks whose first character is known
    const InputFile input(file.path);
    decode_leniently(
        input, file.begin, file.bytes(), form_, file.bytes(), [&](char32_t, std::uint64_t byte) {
          for (; begun <= byte / shape_.block_bytes; ++begun) {
            starts[begun].character = file.characters;
            const std::uint64_t block_begin = begun * shape_.block_bytes;
            starts[begun].skew = byte < block_begin + shape_.block_bytes ? byte - block_begin : 0;
          }
          ++file.characters;
          return true;
        });
    for (; begun < file.block_count; ++begun) starts[begun].character = file.characters;
    histogram_.counts()[U'\n'] -= seen - file.characters;
  }
}

void IndexPass::drop_uniform_blocks() {
  std::uint64_t kept = 0;
  for (IndexedFile& file : index_.files) {
    if (file.uniform) file.block_count = 0;
    const auto from = index_.blocks.begin() + static_cast<std::ptrdiff_t>(file.first_block);
    std::copy_n(from, file.block_count, index_.blocks.begin() + static_cast<std::ptrdiff_t>(kept));
    file.first_block = kept;
    kept += file.block_count;
  }
  index_.blocks.resize(kept);
  index_.blocks.shrink_to_fit();
}

void IndexPass::number_files() {
  std::uint64_t characters = 0;
  for (IndexedFile& file : index_.files) {
    file.first_character = characters;
    characters += file.characters;
  }
}

CorpusIndex IndexPass::run(const std::vector<std::string>& paths) {
  index_.block_bytes = shape_.block_bytes;
  look_at_files(paths);
  lay_out();
  scan_pieces();
  add_up_pieces();
  if (form_.invalid == Invalid::kError) refuse_invalid();
  number_blocks();
  for (const Worker& worker : workers_) histogram_.add(worker.histogram);
  if (form_.invalid == Invalid::kSkip && form_.universal) merge_broken_newlines();
  drop_uniform_blocks();
  number_files();
  index_.characters = histogram_.characters();
  return std::move(index_);
}

}  // namespace

CorpusIndex build_index(const std::vector<std::string>& paths, const TextForm& form,
                        const IndexShape& shape, const std::atomic<bool>* stop) {
  return IndexPass(form, shape, stop).run(paths);
}

}  // namespace charrnn
