// Fuzz target: any bytes are decompressed and brought to UTF-8 without a fault, and the result is
// well-formed and the same whatever the pieces are.
#include <cstdlib>
#include <memory>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/decompress.h"
#include "corpus/transcoder.h"

namespace charrnn {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of what is decompressed: bombs are not the subject

class BytesStream : public ByteStream {
 public:
  explicit BytesStream(std::string_view bytes) : bytes_(bytes) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t now = bytes_.copy(to, size);
    bytes_.remove_prefix(now);
    return now;
  }

 private:
  std::string_view bytes_;
};

std::string decompressed(std::string_view bytes) {
  const Compression compression = compression_of(bytes.substr(0, kCompressionHead));
  const auto stream = decompress(std::make_unique<BytesStream>(bytes), compression, "input");
  std::string out;
  std::string part(4096, '\0');
  while (out.size() < kMostBytes) {
    const std::size_t size = stream->read(part.data(), part.size());
    if (size == 0) break;
    out.append(part, 0, size);
  }
  return out;
}

std::string transcoded(const TextForm& form, std::string_view bytes, std::size_t piece) {
  const auto transcoder = make_transcoder(form, "input");
  std::string out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    transcoder->feed(bytes.substr(0, piece), false, out);
  }
  transcoder->feed("", true, out);
  return out;
}

void run(std::uint8_t choice, std::string_view bytes) {
  TextForm form;
  form.encoding = (choice & 1) != 0 ? Encoding::kUtf16 : Encoding::kUtf8;
  form.invalid = (choice & 2) != 0 ? Invalid::kReplace : Invalid::kSkip;
  form.compose = (choice & 4) != 0;
  const std::string text = decompressed(bytes);
  const std::string whole = transcoded(form, text, text.size() + 1);
  for (const char* at = whole.data(); at != whole.data() + whole.size();) {
    const Utf8Step step = next_utf8(at, whole.data() + whole.size());
    if (!step.valid) std::abort();
    at += step.length;
  }
  if (transcoded(form, text, 1 + (choice >> 3)) != whole) std::abort();
}

}  // namespace
}  // namespace charrnn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    charrnn::run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const charrnn::Error& error) {
    if (error.kind() != charrnn::ErrorKind::kInput) std::abort();
  }
  return 0;
}
