#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "corpus/line_reader.h"
#include "pipeline/config/config.h"
#include "pipeline/run/line_score.h"

namespace charrnn {

/// A line with its score, as `score` shows it.
struct ScoredLine {
  TextLine line;
  LineScore score;
};

/// How a line is shown.
struct LineForm {
  SampleFormat format = SampleFormat::kText;
  /// The names of the sources; a line's own is shown when there are several, or in JSON.
  std::vector<std::string> sources;
  bool marks = false;       ///< surprising characters are shown in reverse (a terminal)
  bool characters = false;  ///< JSON has the cost of each character, too
};

/// A line for standard output, newline included: `NATS<tab>[SOURCE:]NUMBER<tab>TEXT`, or a JSON
/// object. NATS is the mean by character.
std::string shown_line(const ScoredLine& line, const LineForm& form);

/// The most surprising lines by their mean; of equal ones the earlier counts more. Keeps at most
/// `most` lines.
class OddestLines {
 public:
  explicit OddestLines(std::size_t most) : most_(most) {}

  void add(ScoredLine line);

  /// The oddest first; nothing is left here.
  std::vector<ScoredLine> take();

 private:
  struct Entry {
    double mean;
    std::uint64_t order;
    ScoredLine line;
  };
  static bool odder(const Entry& one, const Entry& other) {
    return one.mean != other.mean ? one.mean > other.mean : one.order < other.order;
  }

  std::size_t most_;
  std::uint64_t added_ = 0;
  std::vector<Entry> kept_;  // a heap whose front is the least odd
};

}  // namespace charrnn
