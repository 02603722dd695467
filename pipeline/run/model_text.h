#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "model/published.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Opens `files`, which `key` of the configuration names, and reads them as the training text of
/// this model was read, with the other keys of `corpus`, in the alphabet that `choose` gives. Tells
/// on standard error when bytes were ill-formed. Throws as Corpus::open().
std::shared_ptr<const Corpus> open_text(const Snapshot& model, const Config& config,
                                        const std::vector<std::string>& files, const char* key,
                                        const std::atomic<bool>& stop,
                                        const ChooseAlphabet& choose);

}  // namespace charrnn
