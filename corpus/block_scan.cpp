#include "corpus/block_scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "corpus/byte_scan.h"

namespace charrnn {
namespace {

/// How many of the block's first bytes belong to a character that begins before it.
std::uint64_t skew_of(const BlockView& block, const TextForm& form) {
  const char* const begin = block.begin;
  if (begin == block.text_begin) return 0;
  if (form.universal && *begin == '\n' && begin[-1] == '\r') return 1;
  if (form.single_byte() || !is_utf8_continuation(*begin)) return 0;
  const std::ptrdiff_t reach = std::min<std::ptrdiff_t>(3, begin - block.text_begin);
  for (std::ptrdiff_t back = 1; back <= reach; ++back) {
    if (is_utf8_continuation(begin[-back])) continue;
    const Utf8Step step = next_utf8(begin - back, block.text_end);
    return step.length > back ? static_cast<std::uint64_t>(step.length - back) : 0;
  }
  return 0;
}

/// Reads CRLF and CR as LF in what was counted. `returns`: the CRs among the counted characters.
void merge_newlines(const char* first, std::size_t size, std::uint64_t returns,
                    std::uint64_t* counts, BlockScan& scan) {
  if (returns == 0) return;
  const std::uint64_t pairs = count_crlf(first, size);
  counts[U'\r'] -= returns;
  counts[U'\n'] += returns - pairs;
  scan.characters -= pairs;
  scan.uniform = scan.uniform && pairs == 0;
}

std::uint64_t returns_in(const char* bytes, std::size_t size) {
  const auto* const first = static_cast<const char*>(std::memchr(bytes, '\r', size));
  return first == nullptr ? 0 : static_cast<std::uint64_t>(std::count(first, bytes + size, '\r'));
}

/// The characters of a block as they are hashed, where these are not its very bytes.
std::string& scratch() {
  thread_local std::string text;
  text.clear();
  return text;
}

/// Goes on in `hash` with text whose CRLF and CR are LF.
void hash_newlines(std::string_view text, CharacterHash& hash) {
  std::string& read = scratch();
  while (!text.empty()) {
    const std::size_t at = text.find('\r');
    read += text.substr(0, at);
    if (at == text.npos) break;
    read += '\n';
    text.remove_prefix(at + 1);
    if (text.starts_with('\n')) text.remove_prefix(1);
  }
  hash.add(read);
}

/// The same for an encoding of one byte, whose characters beyond ASCII take two in UTF-8.
void hash_single_bytes(std::string_view text, const TextForm& form, CharacterHash& hash) {
  std::string& read = scratch();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_return = form.universal && text[i] == '\r';
    append_utf8(is_return ? U'\n' : form.character_of(static_cast<unsigned char>(text[i])), read);
    if (is_return && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  hash.add(read);
}

/// Blocks in which every byte is a character, but for CRLF: ASCII, or one-byte encodings.
void scan_single_bytes(const BlockView& block, const TextForm& form, bool ascii,
                       Histogram& histogram, CharacterHash& hash, BlockScan& scan) {
  const char* const first = block.begin + scan.skew;
  if (first >= block.end) return;
  const auto size = static_cast<std::size_t>(block.end - first);
  std::uint64_t* const counts = histogram.counts();
  if (ascii) {
    histogram.add_ascii(first, size);
  } else {
    std::array<std::uint64_t, 256> bytes{};
    count_bytes(first, size, bytes.data());
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
      counts[form.character_of(static_cast<unsigned char>(byte))] += bytes[byte];
    }
  }
  scan.characters = size;
  const std::uint64_t returns = form.universal ? returns_in(first, size) : 0;
  merge_newlines(first, size, returns, counts, scan);
  if (!ascii && form.encoding != Encoding::kBytes) {
    hash_single_bytes({first, size}, form, hash);
  } else if (returns > 0) {
    hash_newlines({first, size}, hash);
  } else {
    hash.add({first, size});
  }
}

/// The fast way over UTF-8. Returns false, with nothing done, when the block must go the slow one.
bool scan_well_formed(const BlockView& block, const TextForm& form, Histogram& histogram,
                      CharacterHash& hash, BlockScan& scan) {
  if (!has_avx2()) return false;
  const char* const first = block.begin + scan.skew;
  if (first >= block.end) return true;
  const char* end = block.end;  // of the last character
  while (end < block.text_end && is_utf8_continuation(*end)) ++end;
  if (!avx2::is_well_formed(first, static_cast<std::size_t>(end - first))) return false;
  const auto size = static_cast<std::size_t>(block.end - first);
  std::uint64_t* const counts = histogram.counts();
  const std::uint64_t returns_before = counts[U'\r'];
  scan.characters = avx2::count_characters(first, size, histogram);
  const std::uint64_t returns = form.universal ? counts[U'\r'] - returns_before : 0;
  merge_newlines(first, size, returns, counts, scan);
  const std::string_view whole(first, static_cast<std::size_t>(end - first));
  if (returns > 0) {
    hash_newlines(whole, hash);
  } else {
    hash.add(whole);
  }
  return true;
}

void scan_utf8(const BlockView& block, const TextForm& form, Histogram& histogram,
               CharacterHash& hash, BlockScan& scan) {
  std::uint64_t* const counts = histogram.counts();
  std::string& read = scratch();
  for (const char* at = block.begin + scan.skew; at < block.end;) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80 && byte != '\r') {
      ++counts[byte];
      ++scan.characters;
      read.push_back(*at++);
      continue;
    }
    Utf8Step step = next_utf8(at, block.text_end);
    if (byte == '\r' && form.universal) {
      step.character = '\n';
      if (at + 1 < block.text_end && at[1] == '\n') step.length = 2;
    }
    if (!step.valid && scan.invalid++ == 0) {
      scan.first_invalid = static_cast<std::uint64_t>(at - block.begin);
    }
    if (step.valid || form.invalid != Invalid::kSkip) {
      histogram.add(step.character);
      append_utf8(step.character, read);
      ++scan.characters;
    }
    at += step.length;
  }
  hash.add(read);
}

/// Bytes that are skipped belong to no character: the first one may begin later than it seemed.
void skip_invalid_begin(const BlockView& block, BlockScan& scan) {
  const char* at = block.begin + scan.skew;
  while (at < block.end) {
    const Utf8Step step = next_utf8(at, block.text_end);
    if (step.valid) break;
    at += step.length;
  }
  scan.skew = static_cast<std::uint64_t>(at - block.begin);
}

}  // namespace

BlockScan scan_block(const BlockView& block, const TextForm& form, Histogram& histogram,
                     CharacterHash& hash) {
  BlockScan scan;
  scan.skew = skew_of(block, form);
  const auto size = static_cast<std::size_t>(block.end - block.begin);
  const bool ascii = is_ascii(block.begin, size);
  if (ascii || form.single_byte()) {
    scan.uniform = scan.skew == 0;
    scan_single_bytes(block, form, ascii, histogram, hash, scan);
  } else if (!scan_well_formed(block, form, histogram, hash, scan)) {
    scan_utf8(block, form, histogram, hash, scan);
    if (scan.invalid > 0 && form.invalid == Invalid::kSkip) skip_invalid_begin(block, scan);
  }
  return scan;
}

}  // namespace charrnn
