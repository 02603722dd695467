#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/named_enum.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The field of a Config that a key stands for.
template <class T>
struct Field {
  const T& (*get)(const Config&) = nullptr;
  void (*set)(Config&, T value) = nullptr;
};

/// A field whose value is chosen by a word: an enum whose values kWords names.
struct ChoiceField {
  std::span<const std::string_view> words;      ///< of the values 0, 1, 2, ...
  std::size_t (*get)(const Config&) = nullptr;  ///< the number of the value
  void (*set)(Config&, std::size_t number) = nullptr;
};

/// A field of any type that a key may have; its alternative is the key's type.
using AnyField =
    std::variant<Field<bool>, Field<int>, Field<std::uint16_t>, Field<std::uint64_t>,
                 Field<std::optional<std::uint64_t>>, Field<double>, Field<std::string>,
                 Field<std::filesystem::path>, Field<std::vector<std::string>>, ChoiceField>;

/// The field that a path of members leads to: `bind<&Config::train, &TrainOptions::batch>()`.
template <auto... Members>
AnyField bind() {
  using T = std::remove_reference_t<decltype((std::declval<Config&>().*....*Members))>;
  if constexpr (NamedEnum<T>) {
    return ChoiceField{
        kWords<T>,
        [](const Config& config) { return static_cast<std::size_t>((config.*....*Members)); },
        [](Config& config, std::size_t number) {
          (config.*....*Members) = static_cast<T>(number);
        }};
  } else {
    return Field<T>{[](const Config& config) -> const T& { return (config.*....*Members); },
                    [](Config& config, T value) { (config.*....*Members) = std::move(value); }};
  }
}

/// The values that a number may have.
struct Range {
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  bool below_high = false;  ///< `high` itself is not allowed
};

/// One key of the configuration: all that parsing, checking, help and files need to know of it.
struct Option {
  std::string key;   ///< `section.key`
  std::string help;  ///< one line
  AnyField field;
  Range range = {};            ///< of a number
  bool seconds = false;        ///< a number that may end in s, m or h
  bool paths = false;          ///< a list of paths, globs, `@list` and `-`
  bool for_one_start = false;  ///< a permission or choice that a run does not keep

  /// The part of the key before the point.
  std::string section() const { return key.substr(0, key.find('.')); }
  /// The part of the key after the point.
  std::string name() const { return key.substr(key.find('.') + 1); }
  /// The words that it takes, in the order of their values; none when it takes anything else.
  std::vector<std::string> choices() const;
  /// True when the key may stand more than once, each time adding a value.
  bool list() const { return std::holds_alternative<Field<std::vector<std::string>>>(field); }
  /// True when its values name files, relative to where they were written.
  bool names_files() const {
    return paths || std::holds_alternative<Field<std::filesystem::path>>(field);
  }
};

/// A value that an option cannot take: what is wrong with it, and what to write instead.
class BadValue : public std::runtime_error {
 public:
  BadValue(const std::string& message, std::string suggestion)
      : std::runtime_error(message), suggestion_(std::move(suggestion)) {}
  const std::string& suggestion() const noexcept { return suggestion_; }

 private:
  std::string suggestion_;
};

/// Reads the values given for an option, one or any number for a list, into its field of `config`.
/// Throws BadValue when they are of another type or out of range.
void read_value(const Option& option, const std::vector<std::string>& texts, Config& config);

/// The values of an option in a configuration as read_value() takes them: one text, or one for each
/// element of a list. Numbers in their shortest exact form. Same value, same text.
std::vector<std::string> write_value(const Option& option, const Config& config);

/// What kind of value an option takes, for people: `N`, `NUMBER`, `SECONDS`, `true|false`,
/// `auto|cpu|cuda`, `TEXT`, `PATH`.
std::string kind_of(const Option& option);

/// The numbers that an option takes, for people: `1 to 64`, `0 or more`, `from 0, below 1`; empty
/// for what is not a number.
std::string range_of(const Option& option);

}  // namespace charrnn
