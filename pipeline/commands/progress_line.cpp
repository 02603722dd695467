#include "pipeline/commands/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/readable_number.h"
#include "base/standard_error.h"

namespace charrnn {
namespace {

constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

// A figure of the line. Where there is no room for all, those of low rank stay.
struct Part {
  int rank = 0;
  std::string text;
  std::size_t columns = 0;
};

std::string coloured(std::string_view colour, const std::string& text, const TerminalLook& look) {
  return look.colours ? fmt::format("{}{}{}", colour, text, kPlain) : text;
}

Part words(int rank, std::string text) {
  const std::size_t columns = text.size();
  return {rank, std::move(text), columns};
}

std::string left_text(const std::optional<double>& seconds) {
  return seconds ? duration_text(*seconds) + " left" : "no limit";
}

std::string validation_text(const std::optional<double>& loss) {
  return loss ? fmt::format("validation {:.4f}", *loss) : "validation -";
}

Part bar(double share, const TerminalLook& look) {
  const std::size_t width = std::clamp<std::size_t>(look.columns / 8, 6, 24);
  const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(width)));
  std::string done;
  std::string open;
  for (std::size_t i = 0; i < full; ++i) done += look.blocks ? "█" : "#";
  for (std::size_t i = full; i < width; ++i) open += look.blocks ? "░" : ".";
  return {3, coloured(kCyan, done, look) + open + fmt::format(" {:3.0f}%", std::floor(100 * share)),
          width + 5};
}

Part spark(const LossHistory& losses, const TerminalLook& look) {
  const auto means = losses.means(std::clamp<std::size_t>(look.columns / 10, 4, 24));
  return {4, coloured(kCyan, sparkline(means), look), means.size()};
}

// In the order in which they stand in the line.
std::vector<Part> parts_of(const ProgressFigures& figures, const LossHistory& losses,
                           const TerminalLook& look) {
  std::vector<Part> parts;
  if (figures.share) parts.push_back(bar(*figures.share, look));
  parts.push_back(words(0, fmt::format("step {}", figures.step)));
  const std::string loss = fmt::format("loss {:.4f}", figures.loss);
  parts.push_back({1, coloured(kBold, loss, look), loss.size()});
  if (Part part = spark(losses, look); look.blocks && part.columns > 1) parts.push_back(part);
  parts.push_back(words(6, validation_text(figures.validation)));
  parts.push_back(words(5, fmt::format("{:.0f} chars/s", figures.characters_per_second)));
  parts.push_back(words(2, left_text(figures.seconds_left)));
  parts.push_back(words(7, fmt::format("epoch {}", figures.epoch)));
  return parts;
}

// The rank from which on parts have no room; those of the parts before it have.
int first_left_out(std::vector<Part> parts, std::size_t room) {
  std::ranges::sort(parts, {}, &Part::rank);
  std::size_t columns = 0;
  for (const Part& part : parts) {
    columns += part.columns + (columns == 0 ? 0 : 2);
    if (columns > room) return part.rank;
  }
  return parts.back().rank + 1;
}

}  // namespace

TerminalLook terminal_look() {
  TerminalLook look;
  look.columns = static_cast<std::size_t>(std::max(2, terminal_columns()));
  const char* const no_colour = std::getenv("NO_COLOR");
  look.colours = no_colour == nullptr || *no_colour == '\0';
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    look.blocks = locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
    return look;
  }
  look.blocks = false;
  return look;
}

ShownLine progress_line(const ProgressFigures& figures, const LossHistory& losses,
                        const TerminalLook& look) {
  const std::size_t room = look.columns - 1;  // a line that fills the last column may scroll
  const auto parts = parts_of(figures, losses, look);
  const int end = first_left_out(parts, room);
  ShownLine line;
  for (const Part& part : parts) {
    if (part.rank >= end) continue;
    if (line.columns > 0) line.text += "  ";
    line.columns += part.columns + (line.columns > 0 ? 2 : 0);
    line.text += part.text;
  }
  if (line.columns > 0) return line;
  const std::string step = fmt::format("step {}", figures.step);
  const std::size_t columns = std::min(step.size(), room);
  return {std::string(step.begin(), step.begin() + static_cast<std::ptrdiff_t>(columns)), columns};
}

std::string progress_text(const ProgressFigures& figures) {
  return fmt::format("step {}  loss {:.4f}  {}  {}  {:.0f} chars/s  epoch {}", figures.step,
                     figures.loss, validation_text(figures.validation),
                     left_text(figures.seconds_left), figures.characters_per_second, figures.epoch);
}

boost::json::object progress_fields(const ProgressFigures& figures) {
  const auto known = [](const std::optional<double>& value) -> boost::json::value {
    if (!value || !std::isfinite(*value)) return nullptr;
    return *value;
  };
  return {{"step", figures.step},
          {"epoch", figures.epoch},
          {"train_loss", known(figures.loss)},
          {"validation_loss", known(figures.validation)},
          {"chars_per_second", known(figures.characters_per_second)},
          {"seconds_left", known(figures.seconds_left)},
          {"share", known(figures.share)}};
}

}  // namespace charrnn
