#include "nodes/stretches.h"

#include <algorithm>

#include "base/permutation.h"

namespace charrnn {
namespace {

/// The text's blocks in the order of one epoch.
class ShuffledBlocks {
 public:
  ShuffledBlocks(const Lanes& lanes, std::uint64_t epoch)
      : text_(lanes.text),
        size_(lanes.shuffle_block),
        count_(text_.count / size_),
        order_(count_, lanes.seed, epoch - 1) {}

  /// The characters from a place on, to their block's end and at most `most`.
  Stretch at(std::uint64_t place, std::uint64_t most) const {
    const std::uint64_t block = place / size_;
    const std::uint64_t within = place % size_;
    const bool whole = block < count_;
    const std::uint64_t first = text_.first + (whole ? order_(block) : block) * size_ + within;
    const std::uint64_t count = std::min(most, whole ? size_ - within : text_.count - place);
    return {.first = first, .count = count, .target = behind(first + count), .resets = within == 0};
  }

 private:
  /// What is not trained on is no target either.
  std::uint64_t behind(std::uint64_t character) const {
    return character == text_.first + text_.count ? text_.first : character;
  }

  CharacterRange text_;
  std::uint64_t size_;
  std::uint64_t count_;
  Permutation order_;
};

}  // namespace

std::vector<Stretch> stretches(const Lanes& lanes, int row, std::uint64_t epoch,
                               std::uint64_t window, int windows) {
  std::uint64_t place = lanes.place(row, window);
  std::uint64_t left =
      static_cast<std::uint64_t>(windows) * static_cast<std::uint64_t>(lanes.length);
  if (lanes.shuffle_block == 0) {
    const bool last = window + static_cast<std::uint64_t>(windows) == lanes.windows();
    const std::uint64_t target = last ? lanes.place(row, 0) : place + left;
    return {{.first = lanes.text.first + place,
             .count = left,
             .target = lanes.text.first + target,
             .resets = false}};
  }
  const ShuffledBlocks blocks(lanes, epoch);
  std::vector<Stretch> all;
  for (; left > 0; left -= all.back().count, place += all.back().count) {
    all.push_back(blocks.at(place, left));
  }
  return all;
}

}  // namespace charrnn
