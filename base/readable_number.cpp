#include "base/readable_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace charrnn {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", std::max(0.0, seconds));
  const double most = 1e15;  // more has no meaning, and must fit the integer
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, most));
  const std::uint64_t minutes = whole / 60;
  const std::uint64_t hours = minutes / 60;
  if (hours >= 48) return fmt::format("{}d{:02}h", grouped(hours / 24), hours % 24);
  if (hours > 0) return fmt::format("{}h{:02}m", hours, minutes % 60);
  return fmt::format("{}m{:02}s", minutes, whole % 60);
}

}  // namespace charrnn
