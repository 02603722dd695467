#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "corpus/vocabulary.h"
#include "serve/held_answer.h"
#include "serve/held_bytes.h"

namespace charrnn {

/// The JSON of a whole completion: `object` with its `choices`, whose texts and lists are taken
/// from `held`: those of `choices[i]` from its choice number `from[i]`. Never holds more than a
/// part.
HeldBytes completion_bytes(const boost::json::object& object, const HeldAnswer& held,
                           const std::vector<std::size_t>& from, const Vocabulary& vocabulary);

/// The JSON of a score, whose list is taken from `held`.
HeldBytes score_bytes(const boost::json::object& object, const HeldAnswer& held,
                      const Vocabulary& vocabulary);

}  // namespace charrnn
