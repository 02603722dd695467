#include "corpus/text_form.h"

#include <string>

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {
namespace {

[[noreturn]] void unknown_word(const char* key, const std::string& word, const char* known) {
  throw Error(ExitCode::kConfig,
              std::string("corpus.") + key + " = " + word + " is not known: use " + known);
}

Encoding encoding_of(const std::string& word) {
  if (word == "utf-8") return Encoding::kUtf8;
  if (word == "utf-16") return Encoding::kUtf16;
  if (word == "latin-1") return Encoding::kLatin1;
  if (word == "bytes") return Encoding::kBytes;
  if (word == "windows-1252") return Encoding::kWindows1252;
  unknown_word("encoding", word, "utf-8, utf-16, latin-1, windows-1252 or bytes");
}

Invalid invalid_of(const std::string& word) {
  if (word == "error") return Invalid::kError;
  if (word == "replace") return Invalid::kReplace;
  if (word == "skip") return Invalid::kSkip;
  unknown_word("invalid", word, "error, replace or skip");
}

bool either(const char* key, const std::string& word, const char* yes, const char* no) {
  if (word == yes) return true;
  if (word == no) return false;
  unknown_word(key, word, (std::string(yes) + " or " + no).c_str());
}

}  // namespace

TextForm text_form(const CorpusOptions& options) {
  TextForm form;
  form.encoding = encoding_of(options.encoding);
  form.invalid = invalid_of(options.invalid);
  form.universal = either("newlines", options.newlines, "universal", "keep");
  form.compose = either("normalise", options.normalise, "nfc", "none");
  if (form.encoding == Encoding::kBytes) {
    form.universal = false;
    if (form.compose) {
      throw Error(ExitCode::kConfig,
                  "corpus.normalise = nfc needs text, not corpus.encoding = bytes");
    }
  }
  // Encodings of one byte have no characters that compose.
  if (form.single_byte()) form.compose = false;
  return form;
}

}  // namespace charrnn
