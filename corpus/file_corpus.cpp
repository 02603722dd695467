#include "corpus/file_corpus.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "base/cache_folder.h"
#include "base/error.h"
#include "base/utf8.h"
#include "corpus/lenient_decoder.h"

namespace charrnn {
namespace {

// Each lane of a batch reads its own place, so files are dropped and opened again when fewer than
// the lanes stay open.
std::size_t most_open_files() {
  constexpr rlim_t kEnough = 256;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return kEnough;
  return std::clamp<rlim_t>(files.rlim_cur / 4, 1, kEnough);
}

// How much is read at once where the bytes of a run of characters are not known beforehand.
constexpr double kMaxReadBytes = 1 << 20;

/// A guess that holds `count` characters and the first byte of the one behind them, which shows
/// where they end.
std::uint64_t bytes_for(const IndexedFile& file, std::uint64_t count) {
  const double each = static_cast<double>(file.bytes()) / static_cast<double>(file.characters);
  const double bytes = 1.125 * each * static_cast<double>(count) + 16;
  return static_cast<std::uint64_t>(std::min(bytes, kMaxReadBytes));
}

[[noreturn]] void fail_changed(const IndexedFile& file, std::uint64_t byte) {
  throw Error(ErrorKind::kInput, file.name() +
                                     ": changed after it was indexed: other text at byte " +
                                     std::to_string(byte) + "; start again");
}

std::string name_of(const std::vector<std::uint64_t>& words) {
  return content_name(
      {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint64_t)});
}

}  // namespace

Vocabulary vocabulary_of(const CorpusIndex& index, bool bytes, std::uint64_t min_count) {
  std::vector<char32_t> characters;
  std::vector<std::uint64_t> counts;
  std::uint64_t folded = 0;
  for (const auto& [character, count] : index.characters) {
    if (count < min_count) {
      folded += count;
    } else {
      characters.push_back(character);
      counts.push_back(count);
    }
  }
  std::optional<Symbol> unknown;
  if (folded > 0) {
    unknown = static_cast<Symbol>(characters.size());
    characters.push_back(kUnknownCharacter);
    counts.push_back(folded);
  }
  if (characters.size() > kMaxSymbols) {
    throw Error(ErrorKind::kInput,
                "the text has " + std::to_string(characters.size()) +
                    " distinct characters, and a model takes at most 65,535: fold the rare ones "
                    "with corpus.min_count");
  }
  return Vocabulary(std::move(characters), std::move(counts), bytes, unknown);
}

FileCorpus::FileCorpus(CorpusIndex index, const TextForm& form, Vocabulary alphabet,
                       CorpusReport report, const DocumentForm& documents)
    : index_(std::move(index)),
      form_(form),
      vocabulary_(std::move(alphabet)),
      table_(vocabulary_, form),
      open_files_(index_.files, most_open_files()),
      report_(std::move(report)),
      documents_(documents, vocabulary_, file_starts()) {}

FileCorpus::FileCorpus(CorpusIndex index, const TextForm& form, std::uint64_t min_count)
    : index_(std::move(index)),
      form_(form),
      vocabulary_(vocabulary_of(index_, form.encoding == Encoding::kBytes, min_count)),
      table_(vocabulary_, form),
      open_files_(index_.files, most_open_files()) {}

std::string FileCorpus::fingerprint() const {
  std::vector<std::uint64_t> words = {index_.total_characters(), index_.content.bytes,
                                      index_.content.crc, std::uint64_t{vocabulary_.bytes()}};
  for (const auto& [character, count] : index_.characters) {
    words.insert(words.end(), {character, count});
  }
  return std::string(kFingerprintOfCharacters) + name_of(words);
}

std::string FileCorpus::sampled_fingerprint() const {
  std::vector<std::uint64_t> words;
  for (const IndexedFile& file : index_.files) {
    words.insert(words.end(), {file.bytes(), file.hash.low, file.hash.high});
  }
  return name_of(words);
}

std::vector<std::filesystem::path> FileCorpus::files() const {
  std::vector<std::filesystem::path> paths;
  for (const IndexedFile& file : index_.files) paths.emplace_back(file.name());
  return paths;
}

std::vector<std::uint64_t> FileCorpus::file_starts() const {
  std::vector<std::uint64_t> starts;
  for (const IndexedFile& file : index_.files) starts.push_back(file.first_character);
  return starts;
}

std::uint64_t FileCorpus::characters_before(const Position& at) const {
  return at.character - file(at).first_character;
}

/// A position never stays at the end of a file while another one follows.
void FileCorpus::enter_next_files(Position& at) const {
  at.byte = std::max(at.byte, file(at).begin);
  while (characters_before(at) == file(at).characters && at.file + 1 < index_.files.size()) {
    ++at.file;
    at.byte = file(at).begin;
  }
}

Position FileCorpus::locate(std::uint64_t character) const {
  if (character > characters()) {
    throw Error(ErrorKind::kInternal, "character " + std::to_string(character) +
                                          " of a text with " + std::to_string(characters()));
  }
  const auto next = std::upper_bound(
      index_.files.begin(), index_.files.end(), character,
      [](std::uint64_t wanted, const IndexedFile& file) { return wanted < file.first_character; });
  const IndexedFile& in = *(next - 1);
  Position at{in.first_character, static_cast<std::uint32_t>(next - 1 - index_.files.begin()),
              in.begin};
  if (!in.uniform && character > in.first_character) {
    std::uint64_t block = 0;
    const BlockStart start = block_start(in, character - in.first_character, block);
    at.character += start.character;
    at.byte = block * index_.block_bytes + start.skew;
  }
  advance(at, character - at.character, nullptr);
  return at;
}

/// The last block whose first character is not behind `character`, both counted within the file.
BlockStart FileCorpus::block_start(const IndexedFile& in, std::uint64_t character,
                                   std::uint64_t& block) const {
  const auto begin = index_.blocks.begin() + static_cast<std::ptrdiff_t>(in.first_block);
  const auto end = begin + static_cast<std::ptrdiff_t>(in.block_count);
  // The blocks behind the last character have no first one.
  const std::uint64_t wanted = std::min(character, in.characters - 1);
  const auto next = std::upper_bound(
      begin, end, wanted,
      [](std::uint64_t number, const BlockStart& start) { return number < start.character; });
  block = static_cast<std::uint64_t>(next - 1 - begin);
  return *(next - 1);
}

void FileCorpus::read(Position& at, std::uint64_t count, std::string& out) const {
  enter_next_files(at);
  while (count > 0) {
    const std::uint64_t here = std::min(count, file(at).characters - characters_before(at));
    if (here == 0) throw Error(ErrorKind::kInternal, "a read behind the end of the text");
    const bool enters = at.file > 0 && at.byte == file(at).begin;
    const std::size_t before = out.size();
    advance(at, here, &out);
    // A CR that ended the file before and this LF are two characters. CRLF is one, after anything.
    if (enters && form_.universal && out[before] == '\n') out.insert(before, 1, '\r');
    count -= here;
    enter_next_files(at);
  }
}

/// One read in place of two where the last characters lie in one file as they were read.
Position FileCorpus::read_past(Position& at, std::uint64_t count, std::uint64_t wanted,
                               std::string& out) const {
  enter_next_files(at);
  const Position from = at;
  const std::size_t before = out.size();
  read(at, count, out);
  // The first character may have got a CR in front of it that its file has not.
  const bool as_in_file = at.file == from.file && file(at).invalid == 0;
  if (as_in_file && wanted > from.character) {
    const std::string_view bytes = std::string_view(out).substr(before);
    return {wanted, at.file, at.byte - bytes_of_last(bytes, at.character - wanted)};
  }
  out.resize(before);
  at = from;
  return Corpus::read_past(at, count, wanted, out);
}

/// How many bytes the last `count` characters take; there are more.
std::size_t FileCorpus::bytes_of_last(std::string_view bytes, std::uint64_t count) const {
  std::size_t begin = bytes.size();
  for (; count > 0; --count) {
    --begin;
    while (!form_.single_byte() && is_utf8_continuation(bytes[begin])) --begin;
    if (form_.universal && bytes[begin] == '\n' && bytes[begin - 1] == '\r') --begin;
  }
  return bytes.size() - begin;
}

/// Moves over `count` characters of one file, and appends them to `out` if there is one.
void FileCorpus::advance(Position& at, std::uint64_t count, std::string* out) const {
  if (count == 0) return;
  if (file(at).uniform) {
    advance_uniform(at, count, out);
  } else if (file(at).invalid == 0) {
    advance_well_formed(at, count, out);
  } else {
    advance_lenient(at, count, out);
  }
}

void FileCorpus::advance_uniform(Position& at, std::uint64_t count, std::string* out) const {
  if (out != nullptr) {
    const std::size_t before = out->size();
    out->resize(before + count);
    open_files_.get(at.file)->read_exactly(at.byte, out->data() + before, count);
  }
  at.character += count;
  at.byte += count;
}

void FileCorpus::advance_well_formed(Position& at, std::uint64_t count, std::string* out) const {
  thread_local std::string scratch;
  const IndexedFile& in = file(at);
  const auto input = open_files_.get(at.file);
  while (count > 0) {
    if (out == nullptr) scratch.clear();
    std::string& to = out != nullptr ? *out : scratch;
    const std::size_t before = to.size();
    const std::uint64_t size = std::min(bytes_for(in, count), in.bytes() - at.byte);
    to.resize(before + size);
    input->read_exactly(at.byte, to.data() + before, size);
    const bool last = at.byte + size == in.bytes();
    const Begins end = whole_characters({to.data() + before, size}, count, last);
    if (end.found == 0) fail_changed(in, at.byte);
    to.resize(before + end.offset);
    at.character += end.found;
    at.byte += end.offset;
    count -= end.found;
  }
}

/// Where up to `count` characters end in bytes that begin with one. `last`: the file ends with
/// them.
Begins FileCorpus::whole_characters(std::string_view bytes, std::uint64_t count, bool last) const {
  const auto begin_of = [&](std::uint64_t number) {
    return find_begin(bytes.data(), bytes.size(), number, {form_.single_byte(), form_.universal});
  };
  const Begins begins = begin_of(count);
  if (begins.offset < bytes.size() || last || begins.found == 0) return begins;
  // The last one may go on behind these bytes.
  return begin_of(begins.found - 1);
}

void FileCorpus::advance_lenient(Position& at, std::uint64_t count, std::string* out) const {
  const IndexedFile& in = file(at);
  const auto input = open_files_.get(at.file);
  std::uint64_t passed = 0;
  std::uint64_t byte_behind = in.bytes();
  decode_leniently(*input, at.byte, in.bytes(), form_, bytes_for(in, count),
                   [&](char32_t character, std::uint64_t byte) {
                     if (passed == count) {
                       byte_behind = byte;
                       return false;
                     }
                     ++passed;
                     if (out != nullptr) append_utf8(character, *out);
                     return true;
                   });
  at.character += passed;
  at.byte = byte_behind;
}

void FileCorpus::decode(std::string_view bytes, Symbol* out, std::size_t count) const {
  if (!table_.encode(bytes, out, count)) {
    throw Error(ErrorKind::kInput,
                "other text than was indexed: it was changed while it was read; start again");
  }
}

}  // namespace charrnn
