#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "corpus/character_hash.h"
#include "corpus/input_file.h"
#include "corpus/text_form.h"

namespace charrnn {

/// What the index knows of one file.
struct IndexedFile {
  std::string path;
  std::string source;  ///< what the user named, where `path` is its text in the cache; else empty
  FileStatus status;   ///< when it was indexed
  SampledHash hash;    ///< shows in an instant whether it is still what was indexed
  CharacterHash content;              ///< of its characters
  std::uint64_t begin = 0;            ///< first byte of its text: behind a byte order mark
  std::uint64_t first_character = 0;  ///< number of its first character in the corpus
  std::uint64_t characters = 0;
  std::uint64_t first_block = 0;  ///< its first entry of CorpusIndex::blocks
  std::uint64_t block_count = 0;
  bool uniform = false;             ///< every byte is one character: needs no blocks
  std::uint64_t invalid = 0;        ///< ill-formed sequences in it
  std::uint64_t first_invalid = 0;  ///< byte of the first of them

  std::uint64_t bytes() const { return status.bytes; }

  /// The file as the user knows it.
  const std::string& name() const { return source.empty() ? path : source; }
};

/// The first character that begins in a block of a file.
struct BlockStart {
  std::uint64_t character : 48;  ///< its number within the file
  std::uint64_t skew : 16;       ///< its bytes from the block's begin
};
static_assert(sizeof(BlockStart) == 8);

/// Where the characters of a corpus lie, and which ones there are: all that is kept of its text.
/// Takes 8 bytes for each block of a file that is not uniform.
struct CorpusIndex {
  std::uint32_t block_bytes = 0;
  std::vector<IndexedFile> files;
  std::vector<BlockStart> blocks;
  /// Every code point (or byte) of the corpus, ascending, with its count.
  std::vector<std::pair<char32_t, std::uint64_t>> characters;
  CharacterHash content;  ///< of all characters in their order

  std::uint64_t total_characters() const {
    return files.empty() ? 0 : files.back().first_character + files.back().characters;
  }
};

/// How the pass over the files is cut. No result but `blocks` depends on it.
struct IndexShape {
  /// From 8 to 65,536, so that a skew fits.
  std::uint32_t block_bytes = 65536;
  /// Blocks that one task reads at once.
  std::uint32_t blocks_per_piece = 16;
};

/// Reads every file once, in parallel on oneTBB's workers. The result is the same for any number of
/// them. Throws Error(kInput): a file cannot be read or changes meanwhile; with Invalid::kError the
/// first ill-formed sequence, by file and byte; nothing to read; `stop` became true.
CorpusIndex build_index(const std::vector<std::string>& paths, const TextForm& form,
                        const IndexShape& shape = {}, const std::atomic<bool>* stop = nullptr);

/// As build_index(), but nothing when one of the files is compressed, which their first bytes tell.
std::optional<CorpusIndex> index_if_plain(const std::vector<std::string>& paths,
                                          const TextForm& form, const IndexShape& shape,
                                          const std::atomic<bool>* stop);

}  // namespace charrnn
