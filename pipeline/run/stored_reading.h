#pragma once

#include <string_view>

#include "corpus/text_reading.h"

namespace charrnn {

/// How the corpus of a run was read, from the config.ini in one of its checkpoints: for checkpoints
/// of earlier versions, whose vocabulary.json does not tell it. What the file does not name has its
/// default. Throws Error(kConfig) for values that no version wrote.
TextReading stored_reading(std::string_view config_ini);

}  // namespace charrnn
