#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (optimal string alignment distance), without regard to case.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was probably meant: the nearest one, unless even that is too far away.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

/// The words with `separator` between them.
std::string join(const std::vector<std::string>& words, std::string_view separator);

/// `did you mean X?` when a candidate is near, else `use one of A, B, C`.
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace charrnn
