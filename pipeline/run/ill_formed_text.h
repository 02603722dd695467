#pragma once

#include <optional>
#include <string>

#include "corpus/corpus.h"

namespace charrnn {

/// A line about the bytes of a text that were replaced or skipped: how many, and where the first
/// ones are. Nothing when all were valid.
std::optional<std::string> ill_formed_text(const Corpus& corpus, const CorpusOptions& options);

}  // namespace charrnn
