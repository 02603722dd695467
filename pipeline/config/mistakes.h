#pragma once

#include <string>
#include <vector>

namespace charrnn {

/// Something that the user has to correct, with what may have been meant.
struct Mistake {
  std::string place;       ///< FILE:LINE, `--section.key`, or the environment variable
  std::string message;     ///< what is wrong
  std::string suggestion;  ///< what to write instead
  int line = 0;            ///< of the file; 0: not in a file
};

/// All mistakes of a configuration, collected so that one run of the program shows them all.
using Mistakes = std::vector<Mistake>;

/// Throws Error(kConfig) with a line for each mistake, those of the file first and in its order.
/// Returns when there is none.
void throw_if_any(Mistakes mistakes);

}  // namespace charrnn
