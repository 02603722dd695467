#include "pipeline/config/ini_scanner.h"

#include <optional>

#include "base/utf8.h"

namespace charrnn {
namespace {

constexpr std::string_view kBlank = " \t\r\f\v";
constexpr std::string_view kEscapes = "n\nr\rt\t\"\"\\\\";  // letter, meaning, letter, ...

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool blank(char c) { return kBlank.find(c) != std::string_view::npos; }

std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && i > 0 && blank(text[i - 1])) return text.substr(0, i);
  }
  return text;
}

std::optional<char> meaning_of(char letter) {
  for (std::size_t i = 0; i < kEscapes.size(); i += 2) {
    if (kEscapes[i] == letter) return kEscapes[i + 1];
  }
  return std::nullopt;
}

// The value in quotes at the start of `text`, when nothing but a comment follows it. A text that
// merely begins with a quotation mark is none.
std::optional<std::string> quoted_value(std::string_view text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      const bool last = trim(without_comment(text.substr(i + 1))).empty();
      return last ? std::optional(value) : std::nullopt;
    }
    if (text[i] != '\\' || i + 1 == text.size()) {
      value += text[i];
    } else if (const auto meaning = meaning_of(text[i + 1])) {
      value += *meaning;
      ++i;
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

std::string value_of(std::string_view text) {
  if (const auto quoted = quoted_value(trim(text))) return *quoted;
  return std::string(trim(without_comment(text)));
}

// Reads the lines one by one; remembers the section that they stand in.
class Scanner {
 public:
  explicit Scanner(const std::string& place) : place_(place) {}

  void take(std::string_view text) {
    ++line_;
    const std::string_view content = trim(text);
    if (content.empty() || content.front() == '#') return;
    content.front() == '[' ? take_section(content) : take_setting(content);
  }

  IniFile result() && { return std::move(file_); }

 private:
  void take_section(std::string_view content) {
    const std::size_t end = content.find(']');
    const std::string name(trim(content.substr(1, end == content.npos ? end : end - 1)));
    if (end == content.npos || name.empty()) {
      mistake("a section is written [name]", "for example [train]");
    } else if (!trim(without_comment(content.substr(end + 1))).empty()) {
      mistake("text after the section [" + name + "]", "begin a new line");
    }
    section_ = name;
    file_.sections.push_back({name, line_});
  }

  void take_setting(std::string_view content) {
    const std::size_t equals = content.find('=');
    const std::string_view before = content.substr(0, equals);
    if (equals == content.npos || without_comment(before).size() < before.size()) {
      const bool semicolon = content.front() == ';';
      return mistake("'" + std::string(trim(without_comment(content))) + "' has no '='",
                     semicolon ? "comments begin with #" : "write key = value");
    }
    const std::string key(trim(before));
    if (key.empty()) return mistake("no key before '='", "write key = value");
    const std::string full = section_.empty() ? key : section_ + "." + key;
    file_.settings.push_back({full, value_of(content.substr(equals + 1)), line_});
  }

  void mistake(const std::string& message, const std::string& suggestion) {
    file_.mistakes.push_back({place_ + ":" + std::to_string(line_), message, suggestion, line_});
  }

  const std::string& place_;
  std::string section_;
  int line_ = 0;
  IniFile file_;
};

}  // namespace

IniFile scan_ini(std::string_view text, const std::string& place) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  Scanner scanner(place);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    scanner.take(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return std::move(scanner).result();
}

std::string ini_value(const std::string& value) {
  const std::string_view text = value;
  const bool plain = trim(text) == text && without_comment(text) == text &&
                     !text.starts_with('"') && !text.starts_with('#') &&
                     text.find_first_of("\n\r\t\f\v") == text.npos;
  if (plain) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    std::size_t i = 1;
    while (i < kEscapes.size() && kEscapes[i] != c) i += 2;
    if (i < kEscapes.size()) {
      quoted += '\\';
      quoted += kEscapes[i - 1];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace charrnn
