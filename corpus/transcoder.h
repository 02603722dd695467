#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "corpus/text_form.h"

namespace charrnn {

/// Ill-formed sequences of one source.
struct InvalidSequences {
  std::uint64_t count = 0;
  std::uint64_t first = 0;  ///< byte of the first one in the (decompressed) source
};

/// Turns text that comes in pieces into well-formed UTF-8. For one thread.
class Transcoder {
 public:
  virtual ~Transcoder() = default;

  /// Appends to `out` what is complete of `bytes` and of what was left of the pieces before; all of
  /// it when `last`.
  virtual void feed(std::string_view bytes, bool last, std::string& out) = 0;

  const InvalidSequences& invalid() const { return invalid_; }

 protected:
  InvalidSequences invalid_;
};

/// From the encoding of `form` to UTF-8, canonically composed if it says so. The output begins with
/// a byte order mark, which is no text; that of the input is dropped. `name` is for messages.
/// feed() throws Error(kInput) at the first ill-formed sequence with Invalid::kError.
/// Not for encodings of one byte, whose bytes need no change.
std::unique_ptr<Transcoder> make_transcoder(const TextForm& form, std::string name);

}  // namespace charrnn
