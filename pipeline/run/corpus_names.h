#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace charrnn {

/// What the sources of a text are called for people who may ask its model: their names without the
/// folders that they stand in.
std::vector<std::string> corpus_names(const std::vector<std::string>& sources);

/// The same for the text of a run, as the config.ini in its directory tells; empty when it tells
/// none or cannot be read.
std::vector<std::string> corpus_names_of_run(const std::filesystem::path& run_directory);

}  // namespace charrnn
