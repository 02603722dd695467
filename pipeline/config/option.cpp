#include "pipeline/config/option.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>

#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};
constexpr std::array kCountUnits = {
    Unit{"Ki", 1024.0}, Unit{"Mi", 1048576.0}, Unit{"Gi", 1073741824.0},
    Unit{"k", 1e3},     Unit{"K", 1e3},        Unit{"M", 1e6},
    Unit{"G", 1e9}};
constexpr std::array kTimeUnits = {Unit{"ms", 1e-3}, Unit{"s", 1.0}, Unit{"m", 60.0},
                                   Unit{"h", 3600.0}};

// Cuts a known unit off the end of `text` and returns its factor.
template <std::size_t N>
double take_unit(std::string_view& text, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix) || text.size() == unit.suffix.size()) continue;
    text.remove_suffix(unit.suffix.size());
    return unit.factor;
  }
  return 1.0;
}

template <class T>
std::string number_text(T value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

// Whole numbers in full, so that a million is not 1e+06.
std::string real_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return number_text(static_cast<std::int64_t>(value));
  }
  return number_text(value);
}

std::string in_quotes(const std::string& text) { return "'" + text + "'"; }

std::string example(const Option& option) {
  const std::string value = write_value(option, Config{}).front();
  return "for example " + option.name() + " = " + (value.empty() ? "1" : value);
}

void check_range(const Option& option, const std::string& text, double value) {
  const Range& range = option.range;
  const bool high = range.below_high ? value >= range.high : value > range.high;
  if (value >= range.low && !high) return;
  throw BadValue(in_quotes(text) + " is out of range", "it may be " + range_of(option));
}

[[noreturn]] void not_a_count(const Option& option, const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != ',' && c != '_' && c != ' ') digits += c;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool grouped = error == std::errc{} && end == digits.data() + digits.size();
  throw BadValue(in_quotes(text) + " is not a whole number",
                 grouped ? "write " + digits : example(option));
}

// `1e6` or the `1.5` of `1.5M`: exact as a double.
std::uint64_t read_real_count(const Option& option, const std::string& text,
                              std::string_view digits, std::uint64_t factor) {
  constexpr double kEnd = 9007199254740992.0;  // 2^53
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  value *= static_cast<double>(factor);
  const bool whole = value < kEnd && value == std::floor(value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !whole) {
    not_a_count(option, text);
  }
  check_range(option, text, value);
  return static_cast<std::uint64_t>(value);
}

std::uint64_t read_count(const Option& option, const std::string& text) {
  std::string_view digits = text;
  const auto factor = static_cast<std::uint64_t>(take_unit(digits, kCountUnits));
  if (digits.starts_with('-')) check_range(option, text, -1.0);
  if (digits.find_first_of(".eE") != std::string_view::npos) {
    return read_real_count(option, text, digits, factor);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    not_a_count(option, text);
  }
  const bool too_large = error == std::errc::result_out_of_range ||
                         value > std::numeric_limits<std::uint64_t>::max() / factor;
  if (too_large) {
    throw BadValue(in_quotes(text) + " is out of range", "it may be " + range_of(option));
  }
  check_range(option, text, static_cast<double>(value * factor));
  return value * factor;
}

bool read_bool(const Option& option, const std::string& text) {
  for (const char* yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "0"}) {
    if (text == no) return false;
  }
  throw BadValue(in_quotes(text) + " is neither true nor false",
                 "write " + option.name() + " = true or false");
}

double read_real(const Option& option, const std::string& text) {
  std::string_view digits = text;
  const double factor = option.seconds ? take_unit(digits, kTimeUnits) : 1.0;
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) {
    const bool comma = text.find(',') != std::string::npos;
    throw BadValue(in_quotes(text) + " is not a number",
                   comma ? "decimals follow a point: " + example(option) : example(option));
  }
  value *= factor;
  check_range(option, text, value);
  return value;
}

using Texts = std::vector<std::string>;

Texts without_empty_ones(Texts texts) {
  std::erase(texts, std::string());
  return texts;
}

// Reads the texts of a key as its type, and writes a value as the texts that are read as it.
void read_into(const Field<bool>& field, const Option& option, const Texts& texts, Config& to) {
  field.set(to, read_bool(option, texts.at(0)));
}
template <std::integral T>
void read_into(const Field<T>& field, const Option& option, const Texts& texts, Config& to) {
  field.set(to, static_cast<T>(read_count(option, texts.at(0))));
}
void read_into(const Field<std::optional<std::uint64_t>>& field, const Option& option,
               const Texts& texts, Config& to) {
  field.set(to, texts.at(0).empty() ? std::nullopt : std::optional(read_count(option, texts[0])));
}
void read_into(const Field<double>& field, const Option& option, const Texts& texts, Config& to) {
  field.set(to, read_real(option, texts.at(0)));
}
void read_into(const Field<std::string>& field, const Option&, const Texts& texts, Config& to) {
  field.set(to, texts.at(0));
}
void read_into(const Field<std::filesystem::path>& field, const Option&, const Texts& texts,
               Config& to) {
  field.set(to, texts.at(0));
}
void read_into(const Field<Texts>& field, const Option&, const Texts& texts, Config& to) {
  field.set(to, without_empty_ones(texts));
}
void read_into(const ChoiceField& field, const Option& option, const Texts& texts, Config& to) {
  const Texts choices = option.choices();
  const auto found = std::find(choices.begin(), choices.end(), texts.at(0));
  if (found != choices.end()) {
    return field.set(to, static_cast<std::size_t>(found - choices.begin()));
  }
  const auto meant = nearest(texts[0], choices);
  throw BadValue(in_quotes(texts[0]) + " is not one of " + join(choices, ", "),
                 meant ? "did you mean " + *meant + "?" : example(option));
}

Texts texts_of(bool value) { return {value ? "true" : "false"}; }
Texts texts_of(int value) { return {number_text(value)}; }
Texts texts_of(std::uint16_t value) { return {number_text(static_cast<unsigned>(value))}; }
Texts texts_of(std::uint64_t value) { return {number_text(value)}; }
Texts texts_of(double value) { return {real_text(value)}; }
Texts texts_of(const std::string& value) { return {value}; }
Texts texts_of(const std::filesystem::path& value) { return {value.string()}; }
Texts texts_of(const Texts& value) { return value; }
Texts texts_of(const std::optional<std::uint64_t>& value) {
  return {value ? number_text(*value) : ""};
}

template <class T>
Texts texts_in(const Field<T>& field, const Config& config) {
  return texts_of(field.get(config));
}
Texts texts_in(const ChoiceField& field, const Config& config) {
  return {std::string(field.words[field.get(config)])};
}

}  // namespace

Texts Option::choices() const {
  const auto* choice = std::get_if<ChoiceField>(&field);
  if (choice == nullptr) return {};
  return {choice->words.begin(), choice->words.end()};
}

void read_value(const Option& option, const Texts& texts, Config& config) {
  std::visit([&](const auto& field) { read_into(field, option, texts, config); }, option.field);
}

Texts write_value(const Option& option, const Config& config) {
  return std::visit([&](const auto& field) { return texts_in(field, config); }, option.field);
}

std::string kind_of(const Option& option) {
  if (const Texts choices = option.choices(); !choices.empty()) return join(choices, "|");
  if (option.seconds) return "SECONDS";
  if (option.names_files()) return "PATH";
  if (std::holds_alternative<Field<bool>>(option.field)) return "true|false";
  if (std::holds_alternative<Field<double>>(option.field)) return "NUMBER";
  if (std::holds_alternative<Field<std::string>>(option.field) || option.list()) return "TEXT";
  return "N";
}

std::string range_of(const Option& option) {
  const std::string kind = kind_of(option);
  if (kind != "N" && kind != "NUMBER" && kind != "SECONDS") return {};
  const std::string low = real_text(option.range.low);
  if (std::isinf(option.range.high)) return low + " or more";
  const std::string high = real_text(option.range.high);
  return option.range.below_high ? "from " + low + ", below " + high : low + " to " + high;
}

}  // namespace charrnn
