#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace charrnn {

/// A number with commas: `1,985,223`.
std::string grouped(std::uint64_t number);

/// So many of something: `1 layer`, `2 layers`.
std::string counted(std::uint64_t number, std::string_view noun);

/// Bytes in the unit that reads best, decimal: `812 bytes`, `41.4 MB`, `20.0 GB`.
std::string size_text(std::uint64_t bytes);

/// A time in two units: `1m05s`, `2h03m`, `4d07h`; `0.4 s` below ten seconds.
std::string duration_text(double seconds);

}  // namespace charrnn
