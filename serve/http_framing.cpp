#include "serve/http_framing.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace charrnn {
namespace {

constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"};

// RFC 9110, section 5.6.2.
constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 ||
                        kTokenMarks.find(static_cast<char>(c)) != std::string_view::npos);
  });
}

bool equal_word(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::equal(a.begin(), a.end(), lower.begin(), [](unsigned char x, char y) {
           return static_cast<char>(std::tolower(x)) == y;
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_version(std::string_view text) { return text == "HTTP/1.1" || text == "HTTP/1.0"; }

// Every line ends in CR LF, and no other control character but a tab stands anywhere.
bool sound_bytes(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    if (byte == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return false;
    if (byte == '\n' && (i == 0 || head[i - 1] != '\r')) return false;
    if ((byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || byte == 0x7F) return false;
  }
  return true;
}

bool sound_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return false;
  const auto target = line.substr(first + 1, last - first - 1);
  const bool visible = std::all_of(target.begin(), target.end(),
                                   [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  return is_token(line.substr(0, first)) && !target.empty() && visible &&
         is_version(line.substr(last + 1));
}

bool is_length(std::string_view text) {
  return !text.empty() && text.size() <= 15 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The header lines that decide where a request ends.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool bad_length = false;
  bool bad_encoding = false;

  void see(std::string_view name, std::string_view value) {
    if (equal_word(name, "host")) ++hosts;
    if (equal_word(name, "content-length")) {
      ++lengths;
      bad_length = bad_length || !is_length(value);
    }
    if (equal_word(name, "transfer-encoding")) {
      ++encodings;
      bad_encoding = bad_encoding || !equal_word(value, "chunked");
    }
  }

  std::optional<std::string> fault(bool old_version) const {
    if (hosts != 1 && !(hosts == 0 && old_version)) return "there must be one Host";
    if (lengths > 1 || bad_length) return "there must be one Content-Length, of digits";
    if (encodings > 1 || bad_encoding) return "Transfer-Encoding must be chunked";
    if (encodings > 0 && lengths > 0)
      return "Content-Length and Transfer-Encoding exclude each other";
    if (encodings > 0 && old_version) return "HTTP/1.0 has no Transfer-Encoding";
    return std::nullopt;
  }
};

}  // namespace

bool is_http_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto space = line.find(' ');
  if (space == line.npos) return false;
  const auto rest = line.substr(space + 1);
  const bool known =
      std::find(kMethods.begin(), kMethods.end(), line.substr(0, space)) != kMethods.end();
  const bool place = rest.starts_with('/') || rest.starts_with("* ") || rest.starts_with("http:") ||
                     rest.starts_with("https:");
  if (known && place) return true;
  const auto version = line.rfind(" HTTP/");
  return version != line.npos && version >= space && line.size() - version <= 9 &&
         is_token(line.substr(0, space));
}

std::optional<std::size_t> head_size(std::string_view input) {
  for (auto at = input.find('\n'); at != input.npos; at = input.find('\n', at + 1)) {
    const auto rest = input.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

std::optional<std::string> framing_fault(std::string_view head) {
  if (!sound_bytes(head)) return "lines must end in CR LF, and hold no control characters";
  const auto first_end = head.find("\r\n");
  if (first_end == head.npos || !sound_request_line(head.substr(0, first_end))) {
    return "the first line must be: METHOD TARGET HTTP/1.1";
  }
  const bool old_version = head.substr(0, first_end).ends_with("HTTP/1.0");
  Framing framing;
  std::size_t lines = 0;
  for (auto rest = head.substr(first_end + 2); !rest.empty() && !rest.starts_with("\r\n");) {
    const auto end = rest.find("\r\n");
    if (end == rest.npos) return "the header does not end";
    const auto line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) {
      return "a header line must be: NAME: VALUE";
    }
    if (++lines > kMostHeaderLines) return "the header has too many lines";
    framing.see(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    rest.remove_prefix(end + 2);
  }
  return framing.fault(old_version);
}

}  // namespace charrnn
