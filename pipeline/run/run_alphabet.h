#pragma once

#include <optional>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The characters of an alphabet with their counts, the most frequent ones first, at most twelve:
/// `'a' U+0061 (9), 'b' U+0062 (8), ...`.
std::string counted_characters(const Vocabulary& vocabulary);

/// Reads a text in the alphabet of a model. What that lacks is read as its `<unk>`, which is told
/// in `notes`; without one it is an Error(kInput) that begins with `what`, the key that names the
/// text, and ends with what to do, `remedy` (may be empty) among it. Both references are borrowed.
ChooseAlphabet read_in(const Vocabulary& known, const std::string& what, const std::string& remedy,
                       std::vector<std::string>& notes);

/// The alphabet of a run: that of the checkpoint which it goes on from, if it can read the text;
/// else that of the weights which it starts from, extended or frozen as `train.vocabulary` says,
/// which is told in `notes`; else that of the text. References and pointers (may be null) are
/// borrowed.
ChooseAlphabet run_alphabet(const TrainOptions& options, const Vocabulary* resumed,
                            const Vocabulary* initial, std::vector<std::string>& notes);

}  // namespace charrnn
