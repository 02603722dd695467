#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "corpus/read_text.h"
#include "model/packed_network.h"

namespace charrnn {

/// A line as a model reads it, and how it surprises the model.
struct LineScore {
  /// Without the newline.
  std::vector<ReadCharacter> characters;
  /// What each character costs, in nats; 0 for one that is left out.
  std::vector<double> nats;
  /// What the end of the line costs; nothing when the model knows no newline.
  std::optional<double> end;

  double total() const;  ///< the sum of all costs
  double mean() const;   ///< by scored character, the end of the line included; 0 for nothing
  std::size_t scored() const;
};

/// Scores lines by themselves: each is read from a zeroed state, behind a newline, up to its own
/// newline. So a line's score does not depend on its neighbours. (Without a newline in the
/// vocabulary the first character cannot be scored and costs 0.) Lines go through the network side
/// by side.
class LineScorer {
 public:
  /// Both must outlive this. Lines are read by `rule`; see read_text().
  LineScorer(const PackedNetwork& network, const Vocabulary& vocabulary, UnknownRule rule);

  /// The scores of lines (bytes without newlines), in their order. Throws Stopped, what read_text()
  /// throws, and Error(kDiverged) when the scores are not numbers.
  std::vector<LineScore> score(std::span<const std::string_view> lines,
                               const std::atomic<bool>* stop = nullptr) const;

 private:
  const PackedNetwork& network_;
  const Vocabulary& vocabulary_;
  const UnknownRule rule_;
  const std::optional<Symbol> newline_;
};

}  // namespace charrnn
