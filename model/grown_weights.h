#pragma once

#include <cstdint>

#include "corpus/vocabulary.h"
#include "model/network.h"

namespace charrnn {

/// The weights of a network for another vocabulary: what belongs to a character that both
/// vocabularies have (its column of the first layer's weight_ih, its row of fc.weight and fc.bias),
/// and all that belongs to none, is kept bit for bit; what is new is what initial_weights() draws
/// for the larger network from `seed`. `weights` belong to `from`, a network of `old_vocabulary`
/// with as many layers and units as wanted.
Weights grown_weights(const Weights& weights, const NetworkShape& from,
                      const Vocabulary& old_vocabulary, const Vocabulary& new_vocabulary,
                      std::uint64_t seed);

}  // namespace charrnn
