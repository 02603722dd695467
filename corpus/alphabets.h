#pragma once

#include "corpus/vocabulary.h"

namespace charrnn {

/// What to do about characters of a text that an alphabet does not know. All three throw
/// Error(kInput) when one alphabet is of bytes and the other of characters.

/// The symbols of `found` that `known` lacks, with their counts in `found`; `<unk>` may be one.
Vocabulary lacking(const Vocabulary& known, const Vocabulary& found);

/// The symbols of both, with their counts in `found` (0 of those that it lacks). Throws
/// Error(kInput) when they are more than a model takes.
Vocabulary extended(const Vocabulary& known, const Vocabulary& found);

/// The symbols of `known`, and `<unk>` if it has none but needs one, with their counts in `found`:
/// what `known` lacks counts as `<unk>`.
Vocabulary frozen(const Vocabulary& known, const Vocabulary& found);

}  // namespace charrnn
