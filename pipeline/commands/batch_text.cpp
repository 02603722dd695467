#include "pipeline/commands/batch_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/readable_number.h"
#include "corpus/character_kind.h"
#include "nodes/stretches.h"

namespace charrnn {
namespace {

// What would not be seen, or taken for another character, is written as an escape.
std::string escaped(char32_t character, const Vocabulary& vocabulary, Symbol symbol) {
  if (character == kUnknownCharacter) return std::string(kUnknownName);
  if (character == U'\n') return "\\n";
  if (character == U'\t') return "\\t";
  if (character == U'\r') return "\\r";
  if (character == U'\\') return "\\\\";
  if (character == U'"') return "\\\"";
  const bool plain = character >= 0x20 && character < 0x7F;
  if (vocabulary.bytes() && !plain) {
    return fmt::format("\\x{:02X}", static_cast<std::uint32_t>(character));
  }
  if (kind_of(character) != CharacterKind::kOrdinary) {
    return fmt::format("\\u{{{:04X}}}", static_cast<std::uint32_t>(character));
  }
  std::string text;
  vocabulary.append(symbol, text);
  return text;
}

}  // namespace

// Characters [begin, end) of a row's window, which follow each other in one file.
struct BatchText::Part {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint64_t character = 0;  // of the corpus, at `begin`
  bool ends_stretch = false;    // what follows in the row is not what follows in the text
};

BatchText::BatchText(const Corpus& corpus, const Lanes& lanes)
    : corpus_(corpus), lanes_(lanes), files_(corpus.files()), file_starts_(corpus.file_starts()) {}

std::string BatchText::quoted(Symbol symbol) const {
  const Vocabulary& vocabulary = corpus_.vocabulary();
  return escaped(vocabulary.characters().at(symbol), vocabulary, symbol);
}

std::string BatchText::place_text(std::uint64_t character) const {
  const Position at = corpus_.locate(character);
  return fmt::format("{}: character {}, byte {}", files_.at(at.file).string(),
                     grouped(character - file_starts_.at(at.file)), grouped(at.byte));
}

void BatchText::cut_at_files_and_resets(Part part, const Batch& batch, int row,
                                        std::vector<Part>& parts) const {
  const std::size_t first_of_row =
      static_cast<std::size_t>(row) * static_cast<std::size_t>(batch.length);
  auto file = std::upper_bound(file_starts_.begin(), file_starts_.end(), part.character);
  for (std::size_t at = part.begin + 1; at < part.end; ++at) {
    const std::uint64_t character = part.character + (at - part.begin);
    const bool enters = file != file_starts_.end() && *file == character;
    const bool resets = !batch.resets.empty() && batch.resets[first_of_row + at] != 0;
    if (!enters && !resets) continue;
    parts.push_back({part.begin, at, part.character, false});
    part.begin = at;
    part.character = character;
    file = std::upper_bound(file, file_starts_.end(), character);
  }
  parts.push_back(part);
}

std::vector<BatchText::Part> BatchText::parts_of(const Batch& batch, int row) const {
  std::vector<Part> parts;
  std::size_t begin = 0;
  for (const Stretch& stretch :
       stretches(lanes_, row, batch.epoch, batch.index % lanes_.windows(), 1)) {
    const std::size_t end = begin + stretch.count;
    cut_at_files_and_resets({begin, end, stretch.first, true}, batch, row, parts);
    begin = end;
  }
  return parts;
}

std::string BatchText::part_text(const Part& part, const Batch& batch, int row) const {
  const std::size_t first = static_cast<std::size_t>(row) * static_cast<std::size_t>(batch.length);
  const bool zeroed = (batch.starts_epoch && part.begin == 0) ||
                      (!batch.resets.empty() && batch.resets[first + part.begin] != 0);
  std::string text = fmt::format("    {}{}\n      \"", place_text(part.character),
                                 zeroed ? "; the state is zeroed before it" : "");
  for (std::size_t i = part.begin; i < part.end; ++i) text += quoted(batch.inputs[first + i]);
  text += "\"\n";
  if (part.ends_stretch) {
    text += fmt::format("      and the target of the last one is \"{}\"\n",
                        quoted(batch.targets[first + part.end - 1]));
  }
  return text;
}

std::string BatchText::operator()(const Batch& batch, int rows) const {
  const std::uint64_t window = batch.index % lanes_.windows();
  const int shown = rows == 0 ? batch.rows : std::min(rows, batch.rows);
  std::string text = fmt::format(
      "batch {} (epoch {}, window {} of {}): {} rows x {} characters{}\n", grouped(batch.index),
      grouped(batch.epoch), grouped(window + 1), grouped(lanes_.windows()), batch.rows,
      batch.length, shown < batch.rows ? fmt::format("; rows shown: {}", shown) : "");
  for (int row = 0; row < shown; ++row) {
    text += fmt::format("  row {}, character {} of its lane\n", row,
                        grouped(window * static_cast<std::uint64_t>(batch.length)));
    for (const Part& part : parts_of(batch, row)) text += part_text(part, batch, row);
  }
  return text;
}

}  // namespace charrnn
