#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "corpus/text_form.h"

namespace charrnn {

/// The first bytes of a file that are enough for wrong_kind().
inline constexpr std::size_t kKindHead = 512;

/// What a file is that cannot be meant as text of this encoding, by its first bytes, and what to
/// do: an archive, a document, a picture, a program, a byte order mark of another encoding, UTF-16
/// or UTF-32 without one. Nothing for text, and for any file that is read as bytes.
std::optional<std::string> wrong_kind(std::string_view head, Encoding encoding);

/// What to do about text that is not valid UTF-8, by the bytes around the first fault: which
/// encoding they look like, or how to go on with the few that are wrong.
std::string advice_for_invalid_utf8(std::string_view around);

/// Bytes on each side of a fault that advice_for_invalid_utf8() wants to see.
inline constexpr std::uint64_t kAdviceBytes = 2048;

}  // namespace charrnn
