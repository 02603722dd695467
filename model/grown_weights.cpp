#include "model/grown_weights.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"

namespace charrnn {
namespace {

// The symbols of the characters that both vocabularies have: in the old one, in the new one.
using Shared = std::vector<std::pair<std::size_t, std::size_t>>;

Shared shared_symbols(const Vocabulary& before, const Vocabulary& after) {
  Shared shared;
  const auto& old_characters = before.characters();
  const auto& new_characters = after.characters();
  for (std::size_t i = 0, j = 0; i < old_characters.size() && j < new_characters.size();) {
    if (old_characters[i] == new_characters[j]) shared.emplace_back(i, j);
    const bool next_old = old_characters[i] <= new_characters[j];
    const bool next_new = new_characters[j] <= old_characters[i];
    i += next_old ? 1 : 0;
    j += next_new ? 1 : 0;
  }
  return shared;
}

struct Copy {
  const Weights& from;
  Weights& to;
  const Shared& shared;

  void whole(const TensorSpec& before, const TensorSpec& after) const {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(before.offset), before.size,
                to.begin() + static_cast<std::ptrdiff_t>(after.offset));
  }

  void columns(const TensorSpec& before, const TensorSpec& after) const {
    const auto old_width = static_cast<std::size_t>(before.shape[1]);
    const auto new_width = static_cast<std::size_t>(after.shape[1]);
    for (std::size_t row = 0; row < static_cast<std::size_t>(before.shape[0]); ++row) {
      for (const auto& [was, is] : shared) {
        to[after.offset + row * new_width + is] = from[before.offset + row * old_width + was];
      }
    }
  }

  void rows(const TensorSpec& before, const TensorSpec& after) const {
    const std::size_t width = before.size / static_cast<std::size_t>(before.shape[0]);
    for (const auto& [was, is] : shared) {
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(before.offset + was * width), width,
                  to.begin() + static_cast<std::ptrdiff_t>(after.offset + is * width));
    }
  }
};

}  // namespace

Weights grown_weights(const Weights& weights, const NetworkShape& from,
                      const Vocabulary& old_vocabulary, const Vocabulary& new_vocabulary,
                      std::uint64_t seed) {
  if (weights.size() != parameter_count(from) ||
      old_vocabulary.size() != static_cast<std::size_t>(from.vocabulary)) {
    throw Error(ErrorKind::kInternal,
                "weights to grow that do not fit their network or vocabulary");
  }
  NetworkShape shape = from;
  shape.vocabulary = static_cast<int>(new_vocabulary.size());
  Weights grown = initial_weights(shape, seed);
  const Shared shared = shared_symbols(old_vocabulary, new_vocabulary);
  const Copy copy{weights, grown, shared};
  const auto before = parameter_layout(from);
  const auto after = parameter_layout(shape);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].vocabulary_axis == 1) {
      copy.columns(before[i], after[i]);
    } else if (before[i].vocabulary_axis == 0) {
      copy.rows(before[i], after[i]);
    } else {
      copy.whole(before[i], after[i]);
    }
  }
  return grown;
}

}  // namespace charrnn
