#pragma once

#include <string>
#include <utility>
#include <vector>

#include "corpus/vocabulary.h"

namespace charrnn {

/// The characters of an alphabet that may not belong into the text, by what is odd about them: a
/// name for each sort that occurs (`control`, `invisible`, `replaced`, `private use`,
/// `unassigned`, `rare`, `<unk>`), and how many there are, how often, and which, the most frequent
/// ones first (of rare ones the rarest), at most twelve. Of bytes only rare ones are told.
std::vector<std::pair<std::string, std::string>> odd_characters(const Vocabulary& vocabulary);

}  // namespace charrnn
