#include "corpus/text_reading.h"

#include "corpus/corpus.h"
#include "corpus/text_form.h"

namespace charrnn {

TextReading text_reading(const CorpusOptions& options) {
  const TextForm form = text_form(options);
  return {
      .universal = form.universal, .compose = form.compose, .documents = document_form(options)};
}

CorpusOptions with_reading(CorpusOptions options, const TextReading& reading) {
  options.newlines = reading.universal ? Newlines::kUniversal : Newlines::kKeep;
  options.normalise = reading.compose ? NormalForm::kNfc : NormalForm::kNone;
  options.documents = reading.documents.end;
  options.separator = reading.documents.separator;
  return options;
}

}  // namespace charrnn
