#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipeline/config/config.h"
#include "pipeline/run/validation_text.h"

namespace charrnn {

/// What a user should know of the text before a new run learns it, a line each: characters that may
/// not belong there, files that are read more than once or both learned and validated on,
/// characters that only the validation text has, documents that never end. Reads the validation
/// text, and as much of the other as it takes to find a document. Throws Error(kInput) for a text
/// of one character again and again, from which nothing can be learned.
std::vector<std::string> text_warnings(const Config& config, const Corpus& training,
                                       const ValidationText& validation,
                                       const std::atomic<bool>* stop);

}  // namespace charrnn
