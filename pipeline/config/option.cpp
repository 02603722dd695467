#include "pipeline/config/option.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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
// Spelled as in the file, in the order of the values.
constexpr std::array<std::string_view, 3> kUnknownCharacters = {"error", "skip", "replace"};
constexpr std::array<std::string_view, 2> kWeightFormats = {"fp32", "int8"};
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
  Config defaults;
  const std::string value = write_value(option, defaults).front();
  return "for example " + option.name() + " = " + (value.empty() ? "1" : value);
}

const std::string& only(const std::vector<std::string>& texts) { return texts.at(0); }

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

std::uint64_t read_count(const Option& option, const std::string& text) {
  std::string_view digits = text;
  const auto factor = static_cast<std::uint64_t>(take_unit(digits, kCountUnits));
  if (digits.starts_with('-')) check_range(option, text, -1.0);
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

}  // namespace

void read_value(const Option& option, const std::vector<std::string>& texts, bool& value) {
  const std::string& text = only(texts);
  for (const char* yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return void(value = true);
  }
  for (const char* no : {"false", "no", "off", "0"}) {
    if (text == no) return void(value = false);
  }
  throw BadValue(in_quotes(text) + " is neither true nor false",
                 "write " + option.name() + " = true or false");
}

void read_value(const Option& option, const std::vector<std::string>& texts, std::uint64_t& value) {
  value = read_count(option, only(texts));
}

void read_value(const Option& option, const std::vector<std::string>& texts, int& value) {
  value = static_cast<int>(read_count(option, only(texts)));
}

void read_value(const Option& option, const std::vector<std::string>& texts, std::uint16_t& value) {
  value = static_cast<std::uint16_t>(read_count(option, only(texts)));
}

void read_value(const Option& option, const std::vector<std::string>& texts,
                std::optional<std::uint64_t>& value) {
  value.reset();
  if (!only(texts).empty()) value = read_count(option, only(texts));
}

void read_value(const Option& option, const std::vector<std::string>& texts, double& value) {
  const std::string& text = only(texts);
  std::string_view digits = text;
  const double factor = option.seconds ? take_unit(digits, kTimeUnits) : 1.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) {
    const bool comma = text.find(',') != std::string::npos;
    throw BadValue(in_quotes(text) + " is not a number",
                   comma ? "decimals follow a point: " + example(option) : example(option));
  }
  value *= factor;
  check_range(option, text, value);
}

void read_value(const Option& option, const std::vector<std::string>& texts, std::string& value) {
  value = only(texts);
  if (option.choices.empty()) return;
  for (const std::string& choice : option.choices) {
    if (value == choice) return;
  }
  const auto meant = nearest(value, option.choices);
  throw BadValue(in_quotes(value) + " is not one of " + join(option.choices, ", "),
                 meant ? "did you mean " + *meant + "?" : example(option));
}

void read_value(const Option&, const std::vector<std::string>& texts,
                std::filesystem::path& value) {
  value = only(texts);
}

void read_value(const Option&, const std::vector<std::string>& texts,
                std::vector<std::string>& value) {
  value.clear();
  for (const std::string& text : texts) {
    if (!text.empty()) value.push_back(text);
  }
}

namespace {

// The option's choices are `spellings`, so that one of them is found.
template <typename Value, std::size_t N>
void read_choice(const Option& option, const std::vector<std::string>& texts,
                 const std::array<std::string_view, N>& spellings, Value& value) {
  std::string text;
  read_value(option, texts, text);
  value =
      static_cast<Value>(std::find(spellings.begin(), spellings.end(), text) - spellings.begin());
}

}  // namespace

void read_value(const Option& option, const std::vector<std::string>& texts,
                UnknownCharacters& value) {
  read_choice(option, texts, kUnknownCharacters, value);
}

void read_value(const Option& option, const std::vector<std::string>& texts, WeightFormat& value) {
  read_choice(option, texts, kWeightFormats, value);
}

namespace {

using Texts = std::vector<std::string>;
Texts texts_of(bool value) { return {value ? "true" : "false"}; }
Texts texts_of(int value) { return {number_text(value)}; }
Texts texts_of(std::uint16_t value) { return {number_text(static_cast<unsigned>(value))}; }
Texts texts_of(std::uint64_t value) { return {number_text(value)}; }
Texts texts_of(double value) { return {real_text(value)}; }
Texts texts_of(const std::string& value) { return {value}; }
Texts texts_of(const std::filesystem::path& value) { return {value.string()}; }
Texts texts_of(const Texts& value) { return value; }
Texts texts_of(UnknownCharacters value) {
  return {std::string(kUnknownCharacters.at(static_cast<std::size_t>(value)))};
}
Texts texts_of(WeightFormat value) {
  return {std::string(kWeightFormats.at(static_cast<std::size_t>(value)))};
}
Texts texts_of(const std::optional<std::uint64_t>& value) {
  return {value ? number_text(*value) : ""};
}

}  // namespace

std::vector<std::string> write_value(const Option& option, Config& config) {
  return std::visit([&](auto field) { return texts_of(field(config)); }, option.field);
}

std::string kind_of(const Option& option) {
  if (!option.choices.empty()) return join(option.choices, "|");
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
