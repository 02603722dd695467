#include <boost/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/vocabulary.h"

namespace charrnn {
namespace {

namespace json = boost::json;

constexpr std::string_view kUnknownName = "<unk>";

[[noreturn]] void reject(const std::string& reason) {
  throw Error(ExitCode::kCheckpoint, "vocabulary.json: " + reason);
}

// Boost.JSON keeps one of two equal keys without a word. The only object is the outermost one, so
// as many colons must stand outside of strings as it has keys.
std::size_t count_keys(std::string_view text) {
  std::size_t keys = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (text[i] == ':' && !in_string) {
      ++keys;
    }
  }
  return keys;
}

json::object parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error) reject("not JSON: " + error.message());
  if (!value.is_object()) reject("not an object");
  if (count_keys(text) != value.get_object().size()) reject("a key stands in it twice");
  return std::move(value.get_object());
}

const json::array& array_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) reject(std::string("lacks the array ") + key);
  return value->get_array();
}

bool is_bytes(const json::object& object) {
  const json::value* value = object.if_contains("encoding");
  if (value == nullptr || !value->is_string()) reject("lacks the string encoding");
  const json::string& encoding = value->get_string();
  if (encoding != "bytes" && encoding != "utf-8") reject("encoding is neither utf-8 nor bytes");
  return encoding == "bytes";
}

bool is_unknown(const json::value& value) {
  return value.is_string() && value.get_string() == json::string_view(kUnknownName.data(), 5);
}

std::uint64_t number_of(const json::value& value, const char* what) {
  if (value.is_uint64()) return value.get_uint64();
  if (!value.is_int64() || value.get_int64() < 0) reject(std::string(what) + " is no whole number");
  return static_cast<std::uint64_t>(value.get_int64());
}

char32_t character_of(const json::value& value, bool bytes) {
  if (is_unknown(value)) return kUnknownCharacter;
  if (bytes) {
    const std::uint64_t byte = number_of(value, "a symbol");
    if (byte > 255) reject("a symbol is no byte");
    return static_cast<char32_t>(byte);
  }
  if (!value.is_string() || value.get_string().empty()) reject("a symbol is no character");
  const json::string& text = value.get_string();
  const Utf8Step step = next_utf8(text.data(), text.data() + text.size());
  if (!step.valid || step.length != text.size()) reject("a symbol is not one character");
  return step.character;
}

json::value value_of(char32_t character, bool bytes) {
  if (character == kUnknownCharacter) return json::string(kUnknownName.data(), kUnknownName.size());
  if (bytes) return static_cast<std::uint64_t>(character);
  std::string text;
  append_utf8(character, text);
  return json::string(text);
}

}  // namespace

std::string Vocabulary::to_json() const {
  json::array symbols;
  for (const char32_t character : characters_) symbols.push_back(value_of(character, bytes_));
  const json::object object{{"encoding", bytes_ ? "bytes" : "utf-8"},
                            {"symbols", std::move(symbols)},
                            {"counts", json::array(counts_.begin(), counts_.end())}};
  return json::serialize(object) + "\n";
}

Vocabulary Vocabulary::from_json(std::string_view text) {
  const json::object object = parse_object(text);
  if (object.size() != 3) reject("has other keys than encoding, symbols and counts");
  const bool bytes = is_bytes(object);
  std::vector<char32_t> characters;
  std::optional<Symbol> unknown;
  for (const json::value& value : array_of(object, "symbols")) {
    if (characters.size() == kMaxSymbols) reject("more than 65,535 symbols");
    if (is_unknown(value)) unknown = static_cast<Symbol>(characters.size());
    characters.push_back(character_of(value, bytes));
  }
  std::vector<std::uint64_t> counts;
  for (const json::value& value : array_of(object, "counts")) {
    counts.push_back(number_of(value, "a count"));
  }
  return Vocabulary(std::move(characters), std::move(counts), bytes, unknown);
}

}  // namespace charrnn
