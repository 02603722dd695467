#include "corpus/text_form.h"

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {

TextForm text_form(const CorpusOptions& options) {
  TextForm form;
  form.encoding = options.encoding;
  form.invalid = options.invalid;
  form.universal = options.newlines == Newlines::kUniversal;
  form.compose = options.normalise == NormalForm::kNfc;
  if (form.encoding == Encoding::kBytes) {
    form.universal = false;
    if (form.compose) {
      throw Error(ErrorKind::kConfig,
                  "corpus.normalise = nfc needs text, not corpus.encoding = bytes");
    }
  }
  // Encodings of one byte have no characters that compose.
  if (form.single_byte()) form.compose = false;
  return form;
}

}  // namespace charrnn
