#include "corpus/index_numbers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/input_file.h"
#include "corpus/lenient_decoder.h"

namespace charrnn {
namespace {

constexpr std::size_t kHashedAtOnce = 65536;

/// From characters in each block to characters before it.
void number_blocks(CorpusIndex& index) {
  for (IndexedFile& file : index.files) {
    for (std::uint64_t i = 0; i < file.block_count; ++i) {
      BlockStart& start = index.blocks[file.first_block + i];
      const std::uint64_t in_block = start.character;
      start.character = file.characters;
      file.characters += in_block;
    }
  }
}

// Python drops ill-formed bytes before it looks at newlines. scan_block, which cannot look across
// them, counted a LF too many for each CR and LF that only such bytes part.
void merge_broken_newlines(CorpusIndex& index, const TextForm& form, Histogram& histogram,
                           const std::atomic<bool>* stop) {
  for (IndexedFile& file : index.files) {
    if (file.invalid == 0) continue;
    const std::uint64_t seen = file.characters;
    file.characters = 0;
    file.content = {};
    BlockStart* const starts = index.blocks.data() + file.first_block;
    std::string text;
    std::uint64_t begun = 0;  // blocks whose first character is known
    const InputFile input(file.path);
    decode_leniently(input, file.begin, file.bytes(), form, file.bytes(),
                     [&](char32_t character, std::uint64_t byte) {
                       for (; begun <= byte / index.block_bytes; ++begun) {
                         check_stop(stop, "counting the characters");
                         starts[begun].character = file.characters;
                         const std::uint64_t block_begin = begun * index.block_bytes;
                         starts[begun].skew =
                             byte < block_begin + index.block_bytes ? byte - block_begin : 0;
                       }
                       ++file.characters;
                       append_utf8(character, text);
                       if (text.size() >= kHashedAtOnce) file.content.add(std::exchange(text, {}));
                       return true;
                     });
    file.content.add(text);
    for (; begun < file.block_count; ++begun) starts[begun].character = file.characters;
    histogram.counts()[U'\n'] -= seen - file.characters;
  }
}

void drop_uniform_blocks(CorpusIndex& index) {
  std::uint64_t kept = 0;
  for (IndexedFile& file : index.files) {
    if (file.uniform) file.block_count = 0;
    const auto from = index.blocks.begin() + static_cast<std::ptrdiff_t>(file.first_block);
    std::copy_n(from, file.block_count, index.blocks.begin() + static_cast<std::ptrdiff_t>(kept));
    file.first_block = kept;
    kept += file.block_count;
  }
  index.blocks.resize(kept);
  index.blocks.shrink_to_fit();
}

void number_files(CorpusIndex& index) {
  std::uint64_t characters = 0;
  for (IndexedFile& file : index.files) {
    file.first_character = characters;
    characters += file.characters;
    index.content.join(file.content);
  }
}

}  // namespace

void number_characters(CorpusIndex& index, const TextForm& form, Histogram& histogram,
                       const std::atomic<bool>* stop) {
  number_blocks(index);
  if (form.invalid == Invalid::kSkip && form.universal) {
    merge_broken_newlines(index, form, histogram, stop);
  }
  drop_uniform_blocks(index);
  number_files(index);
}

}  // namespace charrnn
