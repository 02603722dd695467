#pragma once

#include <cstddef>
#include <cstdint>

namespace charrnn {

/// The hot loops over bytes of well-formed text. Each has a portable form and, on x86, one for AVX2
/// that is chosen at run time; both give the same results.

/// True when every byte is ASCII and, with `universal`, none is a CR: one byte, one character.
bool one_byte_each(const char* bytes, std::size_t size, bool universal);

/// Where characters begin: `bytes` must start with the first byte of one. `found` of the characters
/// begin before `offset`.
struct Begins {
  std::uint64_t found = 0;
  std::size_t offset = 0;
};

/// Walks to the begin of character number `wanted` (from 0) of `bytes`: offset is where it begins
/// and found is `wanted`; or, when fewer begin in these bytes, offset is `size` and found says how
/// many. `single_byte`: bytes >= 0x80 are characters of their own. `universal`: CRLF is one.
Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, bool single_byte,
                  bool universal);

/// Adds to `counts[256]` how often each byte stands in `bytes`.
void count_bytes(const char* bytes, std::size_t size, std::uint64_t* counts);

/// How many LF directly follow a CR in `bytes`.
std::uint64_t count_crlf(const char* bytes, std::size_t size);

}  // namespace charrnn
