#include "nodes/encoder.h"

#include <string_view>

namespace charrnn {

SymbolStripe Encoder::operator()(const TextStripe& stripe) const {
  const auto rows = static_cast<std::size_t>(stripe.span.rows);
  const auto characters =
      static_cast<std::size_t>(stripe.span.windows) * static_cast<std::size_t>(stripe.span.length);
  SymbolStripe out{.span = stripe.span, .symbols = {}, .seams = {}, .resets = {}};
  out.symbols.resize(rows * (characters + 1));
  const std::string_view bytes = stripe.bytes;
  std::size_t begin = 0;
  std::size_t element = 0;
  for (const TextPiece& piece : stripe.pieces) {
    // Each row before this one has one symbol more than it has elements.
    Symbol* symbols = out.symbols.data() + element + element / characters;
    corpus_.decode(bytes.substr(begin, piece.end - begin), symbols, piece.characters);
    Symbol* target = symbols + piece.characters;
    corpus_.decode(bytes.substr(piece.end, piece.target_end - piece.end), target, 1);
    if (piece.resets) out.resets.push_back(element);
    element += piece.characters;
    // The next piece of this row overwrites it.
    if (element % characters != 0) out.seams.push_back({element - 1, *target});
    begin = piece.target_end;
  }
  return out;
}

}  // namespace charrnn
