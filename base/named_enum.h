#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace charrnn {

/// The words by which people choose a value of an enum, in the order of its values 0, 1, 2, ...
/// An enum that is chosen by a word gives its words right behind its definition:
///
///     enum class TextOrder { kSequential, kShuffled };
///     template <>
///     inline constexpr std::array<std::string_view, 2> kWords<TextOrder>{"sequential",
///     "shuffled"};
///
/// Parsing, checking, help, the files and messages all take the words from here.
template <class E>
inline constexpr std::array<std::string_view, 0> kWords{};

/// An enum whose values have words.
template <class E>
concept NamedEnum = std::is_enum_v<E> && !kWords<E>.empty();

/// The word of a value.
template <NamedEnum E>
constexpr std::string_view word_of(E value) {
  return kWords<E>.at(static_cast<std::size_t>(value));
}

/// The value of a word, or nothing when no value has this word.
template <NamedEnum E>
constexpr std::optional<E> value_of(std::string_view word) {
  const auto found = std::find(kWords<E>.begin(), kWords<E>.end(), word);
  if (found == kWords<E>.end()) return std::nullopt;
  return static_cast<E>(found - kWords<E>.begin());
}

}  // namespace charrnn
