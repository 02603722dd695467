#include <boost/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/vocabulary.h"

namespace charrnn {
namespace {

namespace json = boost::json;

[[noreturn]] void reject(const std::string& reason) {
  throw Error(ErrorKind::kCheckpoint, "vocabulary.json: " + reason);
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

json::array characters_json(std::string_view text, bool bytes) {
  json::array characters;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const Utf8Step step = bytes ? Utf8Step{static_cast<unsigned char>(*at), 1} : next_utf8(at, end);
    characters.push_back(value_of(step.character, bytes));
    at += step.length;
  }
  return characters;
}

std::string text_of(const json::array& characters, bool bytes) {
  std::string text;
  for (const json::value& value : characters) {
    const char32_t character = character_of(value, bytes);
    if (character == kUnknownCharacter) reject("<unk> is no character of a separator");
    if (bytes) {
      text.push_back(static_cast<char>(character));
    } else {
      append_utf8(character, text);
    }
  }
  return text;
}

/// Whether a word is `yes`; it has to be `no` otherwise.
bool is_word(const json::object& object, const char* key, std::string_view yes,
             std::string_view no) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) reject(std::string("lacks the string ") + key);
  const std::string_view word = value->get_string();
  if (word != yes && word != no)
    reject(std::string(key) + " is neither " + std::string(yes) + " nor " + std::string(no));
  return word == yes;
}

void add_reading(json::object& object, const TextReading& reading, bool bytes) {
  object["newlines"] = reading.universal ? "universal" : "keep";
  object["normalise"] = reading.compose ? "nfc" : "none";
  object["documents"] = word_of(reading.documents.end);
  object["separator"] = characters_json(reading.documents.separator, bytes);
}

TextReading reading_of(const json::object& object, bool bytes) {
  TextReading reading;
  reading.universal = is_word(object, "newlines", "universal", "keep");
  reading.compose = is_word(object, "normalise", "nfc", "none");
  if (bytes && (reading.universal || reading.compose)) reject("bytes are read as they are");
  const json::value* word = object.if_contains("documents");
  if (word == nullptr || !word->is_string()) reject("lacks the string documents");
  const auto end = charrnn::value_of<DocumentEnd>(word->get_string());
  if (!end) reject("its documents are of a kind that this program does not know");
  const json::array& separator = array_of(object, "separator");
  if (separator.size() > Documents::kMaxLookback) reject("its separator is too long");
  if (*end == DocumentEnd::kSeparator && separator.empty()) reject("its separator is empty");
  reading.documents = {*end, text_of(separator, bytes)};
  return reading;
}

}  // namespace

std::string Vocabulary::to_json() const {
  json::array symbols;
  for (const char32_t character : characters_) symbols.push_back(value_of(character, bytes_));
  json::object object{{"encoding", bytes_ ? "bytes" : "utf-8"},
                      {"symbols", std::move(symbols)},
                      {"counts", json::array(counts_.begin(), counts_.end())}};
  if (reading_) add_reading(object, *reading_, bytes_);
  return json::serialize(object) + "\n";
}

Vocabulary Vocabulary::from_json(std::string_view text) {
  const json::object object = parse_object(text);
  const bool bytes = is_bytes(object);
  const bool has_reading = object.contains("newlines");
  if (object.size() != (has_reading ? 7 : 3)) {
    reject(
        "has other keys than encoding, symbols, counts, newlines, normalise, documents and "
        "separator, or lacks some of them");
  }
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
  Vocabulary vocabulary(std::move(characters), std::move(counts), bytes, unknown);
  if (has_reading) vocabulary.set_reading(reading_of(object, bytes));
  return vocabulary;
}

}  // namespace charrnn
