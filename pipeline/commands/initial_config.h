#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/config/config.h"

namespace charrnn {

/// What the configuration that `init` writes depends on.
struct InitialConfig {
  std::vector<std::string> text;  ///< as `corpus.files`, seen from the working directory
  ModelSize size = ModelSize::kAuto;
  double max_seconds = 0.0;    ///< of training; 0: what suits the size
  std::filesystem::path file;  ///< that it is written to
};

/// The same with a size and a time: `auto` becomes the largest size that the time is worth, and a
/// missing time the one that the size is meant for.
InitialConfig settled(InitialConfig wanted);

/// The commented INI file. `settled` was called for it.
std::string initial_ini(const InitialConfig& config);

/// A name for the file, after the text: `book.ini` for `texts/book.txt.gz`.
std::filesystem::path initial_name(const std::vector<std::string>& text);

}  // namespace charrnn
