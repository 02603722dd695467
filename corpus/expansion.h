#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "corpus/records.h"
#include "corpus/text_form.h"
#include "corpus/transcoder.h"

namespace charrnn {

/// Where expanded texts are kept, and how much of them.
struct ExpansionOptions {
  std::filesystem::path folder;
  /// Bytes that all texts in `folder` may take together.
  std::uint64_t limit = 0;
  /// How text is taken out of them, if they hold records.
  RecordForm records = {};
};

/// Sources made into files that can be read in place.
struct ExpandedSources {
  std::vector<std::string> paths;         ///< in the order of the sources
  TextForm form;                          ///< of the text in them
  std::vector<InvalidSequences> invalid;  ///< of each source that was expanded
};

/// Replaces sources that cannot be read in place (compressed, standard input, UTF-16, records, or
/// to be composed) by files in the cache, which are made once: named by path, size, time of change,
/// sampled hash and form; what came from standard input by its content. Files that are plain stay.
/// Throws Error(kInput): damaged or ill-formed input, by source and byte; more bytes than the limit
/// allows; it changed meanwhile. Stopped: `stop` became true. Error(kIo): the cache cannot be
/// written. No partial file stays behind.
ExpandedSources expand_sources(const std::vector<std::string>& sources, const TextForm& form,
                               const ExpansionOptions& options,
                               const std::atomic<bool>* stop = nullptr);

}  // namespace charrnn
