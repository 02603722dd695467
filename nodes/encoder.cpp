#include "nodes/encoder.h"

#include <string_view>

namespace charrnn {

SymbolStripe Encoder::operator()(const TextStripe& stripe) const {
  const auto rows = static_cast<std::size_t>(stripe.span.rows);
  const auto characters =
      static_cast<std::size_t>(stripe.span.windows) * static_cast<std::size_t>(stripe.span.length);
  SymbolStripe out{.span = stripe.span, .symbols = {}};
  out.symbols.resize(rows * (characters + 1));
  const std::string_view bytes = stripe.bytes;
  std::size_t begin = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    Symbol* symbols = out.symbols.data() + row * (characters + 1);
    const std::size_t target = stripe.ends[2 * row];
    const std::size_t end = stripe.ends[2 * row + 1];
    corpus_.decode(bytes.substr(begin, target - begin), symbols, characters);
    corpus_.decode(bytes.substr(target, end - target), symbols + characters, 1);
    begin = end;
  }
  return out;
}

}  // namespace charrnn
