#include <charconv>
#include <cmath>
#include <string>

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {
namespace {

// 10^19 is the largest power for which a 64-bit count times it still fits into 128 bits.
constexpr int kMaxPlaces = 19;

__extension__ typedef unsigned __int128 Wide;

/// A fraction in [0, 1) as numerator / 10^places of the shortest decimal that means this double:
/// what the user wrote, without the double's own error.
struct Decimal {
  Wide numerator = 0;
  Wide denominator = 1;
};

Decimal decimal_of(double fraction) {
  char text[400];
  const auto end = std::to_chars(text, text + sizeof text, fraction, std::chars_format::fixed).ptr;
  const std::string digits(text, end);
  const std::size_t point = digits.find('.');
  Decimal decimal;
  if (point == std::string::npos) return decimal;
  int places = 0;
  for (std::size_t i = point + 1; i < digits.size(); ++i) {
    if (places++ == kMaxPlaces) {
      ++decimal.numerator;  // the rest is below any count's resolution, but not nothing
      break;
    }
    decimal.numerator = decimal.numerator * 10 + static_cast<unsigned>(digits[i] - '0');
    decimal.denominator *= 10;
  }
  return decimal;
}

}  // namespace

CharacterRange training_range(std::uint64_t characters, double validation_fraction) {
  if (!(validation_fraction >= 0) || !(validation_fraction < 1)) {
    throw Error(ErrorKind::kConfig, "corpus.validation_fraction must be at least 0 and below 1");
  }
  const Decimal part = decimal_of(validation_fraction);
  const Wide kept = Wide{characters} * (part.denominator - part.numerator) / part.denominator;
  return {0, static_cast<std::uint64_t>(kept)};
}

CharacterRange validation_range(std::uint64_t characters, double validation_fraction) {
  const std::uint64_t first = training_range(characters, validation_fraction).count;
  return {first, characters - first};
}

}  // namespace charrnn
