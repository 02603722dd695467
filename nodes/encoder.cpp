#include "nodes/encoder.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace charrnn {

/// Says where the text stands that cannot be decoded.
void Encoder::decode(std::uint64_t first, std::string_view bytes, Symbol* out,
                     std::size_t count) const {
  try {
    corpus_.decode(bytes, out, count);
  } catch (const Error& error) {
    const Position at = corpus_.locate(first);
    throw Error(error.kind(), corpus_.files().at(at.file).string() + " from byte " +
                                  std::to_string(at.byte) + " on: " + error.what());
  }
}

/// Writes the symbols of a piece and of its target to `out`, and finds where documents begin.
void Encoder::decode_piece(const TextPiece& piece, std::string_view bytes, Symbol* out,
                           std::vector<std::size_t>& begins) const {
  const Documents& documents = corpus_.documents();
  const std::size_t follows = piece.target_apart ? 0 : 1;
  if (piece.before == 0) {
    decode(piece.first, bytes, out, piece.characters + follows);
    return documents.find(piece.first, {out, piece.characters}, begins);
  }
  const std::size_t characters = piece.before + piece.characters;
  std::vector<Symbol> symbols(characters + follows);
  decode(piece.first - piece.before, bytes, symbols.data(), symbols.size());
  documents.find(piece.first, {symbols.data(), characters}, begins);
  std::copy(symbols.begin() + static_cast<std::ptrdiff_t>(piece.before), symbols.end(), out);
}

SymbolStripe Encoder::operator()(const TextStripe& stripe) const {
  const auto rows = static_cast<std::size_t>(stripe.span.rows);
  const auto characters =
      static_cast<std::size_t>(stripe.span.windows) * static_cast<std::size_t>(stripe.span.length);
  SymbolStripe out{.span = stripe.span, .symbols = {}, .seams = {}, .resets = {}};
  out.symbols.resize(rows * (characters + 1));
  const std::string_view bytes = stripe.bytes;
  std::vector<std::size_t> begins;
  std::size_t begin = 0;
  std::size_t element = 0;
  for (const TextPiece& piece : stripe.pieces) {
    // Each row before this one has one symbol more than it has elements.
    Symbol* symbols = out.symbols.data() + element + element / characters;
    begins.clear();
    decode_piece(piece, bytes.substr(begin, piece.end - begin), symbols, begins);
    Symbol* target = symbols + piece.characters;
    if (piece.target_apart) {
      const std::string_view behind = bytes.substr(piece.end, piece.target_end - piece.end);
      decode(piece.first + piece.characters - 1, behind, target, 1);
    }
    if (piece.resets) out.resets.push_back(element);
    for (const std::size_t at : begins) out.resets.push_back(element + at);
    element += piece.characters;
    // The next piece of this row overwrites it.
    if (element % characters != 0) out.seams.push_back({element - 1, *target});
    begin = piece.target_end;
  }
  return out;
}

}  // namespace charrnn
