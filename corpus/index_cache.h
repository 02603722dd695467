#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "corpus/index.h"

namespace charrnn {

/// Where the index of these files is kept below `folder`: one name for each list of absolute paths,
/// form and shape.
std::filesystem::path index_file(const std::filesystem::path& folder,
                                 const std::vector<std::string>& paths, const TextForm& form,
                                 const IndexShape& shape);

/// The index that `file` holds, if it is whole and every one of `paths` is still what was indexed:
/// by size, time of change and sampled hash.
std::optional<CorpusIndex> load_index(const std::filesystem::path& file,
                                      const std::vector<std::string>& paths);

/// Keeps an index for later runs. Throws Error(kIo).
void save_index(const std::filesystem::path& file, const CorpusIndex& index);

}  // namespace charrnn
