#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "corpus/byte_stream.h"

namespace charrnn {

enum class Compression { kNone, kGzip, kZstd, kXz, kBzip2 };

/// The first bytes of a file that are enough to know its compression.
inline constexpr std::size_t kCompressionHead = 10;

/// How what begins with `head` is compressed: by its content, whatever its name is.
Compression compression_of(std::string_view head);

/// What `in` holds when it is decompressed; several streams one after another are one. `name` is
/// for messages. Throws Error(kInput) from read(): damaged, or it ends too early; both name the
/// byte. Takes at most 128 MiB of memory, whatever the data asks for.
std::unique_ptr<ByteStream> decompress(std::unique_ptr<ByteStream> in, Compression compression,
                                       std::string name);

}  // namespace charrnn
