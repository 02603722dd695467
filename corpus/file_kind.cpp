#include "corpus/file_kind.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace charrnn {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view magic;
  std::string_view what;
};

constexpr std::string_view kUnpack = "unpack it and name the files in it";

constexpr std::array kKinds = {
    Kind{"%PDF-"sv, "a PDF document, not text: extract its text, for example with pdftotext"},
    Kind{"PK\x03\x04"sv, "a zip archive (as .docx and .epub are), not text: unpack it"},
    Kind{"\x04\x22\x4D\x18"sv, "compressed with lz4: decompress it with lz4 -d"},
    Kind{"7z\xBC\xAF\x27\x1C"sv, "a 7z archive, not text: unpack it"},
    Kind{"Rar!\x1A\x07"sv, "a rar archive, not text: unpack it"},
    Kind{"\x1F\x9D"sv, "compressed with compress: decompress it with gzip -d"},
    Kind{"LZIP"sv, "compressed with lzip: decompress it"},
    Kind{"\x89PNG\r\n\x1A\n"sv, "a picture, not text"},
    Kind{"\xFF\xD8\xFF"sv, "a picture, not text"},
    Kind{"\x7F"
         "ELF"sv,
         "a program, not text"},
    Kind{"SQLite format 3\0"sv, "an SQLite database, not text: export its text"},
    Kind{"PAR1"sv, "a Parquet file, not text: export its text"},
    Kind{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv,
         "a document of an office program, not plain text: save it as text"},
};

/// What the first bytes of an archive or a document say.
std::optional<std::string> by_magic(std::string_view head) {
  for (const Kind& kind : kKinds) {
    if (head.starts_with(kind.magic)) return std::string(kind.what);
  }
  constexpr std::size_t kTarMagic = 257;
  if (head.size() > kTarMagic + 5 && head.substr(kTarMagic, 5) == "ustar") {
    return "a tar archive, not text: " + std::string(kUnpack);
  }
  return std::nullopt;
}

std::string convert_from(const char* encoding) {
  return std::string("convert it, for example with iconv -f ") + encoding + " -t UTF-8";
}

std::optional<std::string> by_mark(std::string_view head, Encoding encoding) {
  const std::string mark = "begins with the byte order mark of ";
  if (head.starts_with("\xFF\xFE\0\0"sv) || head.starts_with("\0\0\xFE\xFF"sv)) {
    return mark + "UTF-32: " + convert_from("UTF-32");
  }
  if (head.starts_with(kUtf8Mark) && encoding != Encoding::kUtf8) {
    return mark + "UTF-8: set corpus.encoding = utf-8";
  }
  const bool wide = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
  if (wide && encoding != Encoding::kUtf16) {
    return mark + "UTF-16: set corpus.encoding = utf-16";
  }
  return std::nullopt;
}

/// Controls that no text holds in any number: not tab, line feed, form feed, return and escape.
bool is_control(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20 && "\t\n\f\r\x1B"sv.find(byte) == std::string_view::npos;
}

/// The share of controls among every `step`-th byte from `first` on.
double controls(std::string_view head, std::size_t first, std::size_t step) {
  std::size_t all = 0;
  std::size_t found = 0;
  for (std::size_t i = first; i < head.size(); i += step) {
    ++all;
    if (is_control(head[i])) ++found;
  }
  return all == 0 ? 0.0 : static_cast<double>(found) / static_cast<double>(all);
}

/// Characters of two or four bytes show as bytes that are controls at every second place, or at
/// three of four, and text at the others.
std::optional<std::string> by_pattern(std::string_view head, Encoding encoding) {
  constexpr std::size_t kEnough = 16;
  constexpr double kMost = 0.6;
  constexpr double kFew = 0.2;
  if (head.size() < kEnough) return std::nullopt;
  const bool marked = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
  if (controls(head, 1, 4) > kMost && controls(head, 2, 4) > kMost &&
      (controls(head, 0, 4) > kMost) != (controls(head, 3, 4) > kMost)) {
    return "looks like UTF-32: " + convert_from("UTF-32");
  }
  const double even = controls(head, 0, 2);
  const double odd = controls(head, 1, 2);
  if (even > kMost && odd < kFew && !marked) {
    return "looks like big-endian UTF-16 without a byte order mark: " + convert_from("UTF-16BE");
  }
  if (odd > kMost && even < kFew && encoding != Encoding::kUtf16) {
    return "looks like UTF-16 without a byte order mark: set corpus.encoding = utf-16";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> wrong_kind(std::string_view head, Encoding encoding) {
  if (encoding == Encoding::kBytes) return std::nullopt;
  head = head.substr(0, kKindHead);
  if (auto kind = by_mark(head, encoding)) return kind;
  if (auto kind = by_magic(head)) return "is " + *kind;
  return by_pattern(head, encoding);
}

std::string advice_for_invalid_utf8(std::string_view around) {
  // What is cut off at the ends is no fault.
  while (!around.empty() && is_utf8_continuation(around.front())) around.remove_prefix(1);
  std::size_t longer = 0;  // well-formed characters beyond ASCII
  std::size_t faults = 0;
  std::size_t alone = 0;  // faults of one byte between ASCII
  const char* const end = around.data() + around.size();
  for (const char* at = around.data(); at != end;) {
    const Utf8Step step = next_utf8(at, end);
    if (step.truncated) break;
    if (step.valid && step.length > 1) ++longer;
    if (!step.valid) {
      ++faults;
      const char* const next = at + step.length;
      const bool text = static_cast<unsigned char>(*at) >= 0x82;
      if (step.length == 1 && text && (next == end || static_cast<signed char>(*next) >= 0)) {
        ++alone;
      }
    }
    at += step.length;
  }
  if (longer == 0 && alone > 0 && 2 * alone >= faults && around.find('\0') == around.npos) {
    return "its bytes look like windows-1252: set corpus.encoding = windows-1252, or to what it is "
           "(utf-16, latin-1, bytes), or corpus.invalid = replace or skip";
  }
  if (longer > faults) {
    return "most of it is valid, so a few bytes are damaged: set corpus.invalid = replace or skip";
  }
  return "set corpus.encoding to what it is (utf-16, windows-1252, latin-1, bytes), or "
         "corpus.invalid = replace or skip";
}

}  // namespace charrnn
