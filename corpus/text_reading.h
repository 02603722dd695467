#pragma once

#include "corpus/documents.h"

namespace charrnn {

struct CorpusOptions;

/// How characters are read, once bytes have become characters: what a model has to know of its
/// corpus so that a prompt, or a text to score, is read as the corpus was.
struct TextReading {
  bool universal = true;  ///< CRLF and CR are read as LF; never where symbols are bytes
  bool compose = false;   ///< characters are composed (NFC)
  DocumentForm documents = {};

  bool operator==(const TextReading&) const = default;
};

/// The reading that the options name. Throws Error(kConfig) when they are no valid options.
TextReading text_reading(const CorpusOptions& options);

/// The same options with another reading: for a text that a trained model is to score.
CorpusOptions with_reading(CorpusOptions options, const TextReading& reading);

}  // namespace charrnn
