#include "pipeline/commands/initial_config.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

#include "base/readable_number.h"
#include "pipeline/config/config_text.h"
#include "pipeline/config/ini_scanner.h"

namespace charrnn {
namespace {

// A size, the time that it is meant for, and the shortest that it is worth.
struct SizeRow {
  ModelSize size;
  double usual_seconds;
  double least_seconds;
  int hidden;
  int layers;
  const char* learning;  // lines of [train]
};

constexpr const char* kAdam = R"(learning_rate = 0.004
)";
constexpr const char* kMuon =
    R"(# Muon moves every matrix in all of its directions, and learns most from a text in one pass.
optimizer = muon
learning_rate = 0.08
clip = 1
)";

constexpr std::array<SizeRow, 3> kSizes{{{ModelSize::kSmall, 180, 0, 256, 1, kAdam},
                                         {ModelSize::kMedium, 3600, 1200, 512, 1, kMuon},
                                         {ModelSize::kLarge, 4 * 3600, 2 * 3600, 512, 2, kMuon}}};

const SizeRow& row_of(ModelSize size) {
  for (const SizeRow& row : kSizes) {
    if (row.size == size) return row;
  }
  return kSizes.front();
}

std::string text_lines(const InitialConfig& config) {
  const auto folder =
      (std::filesystem::absolute(config.file).parent_path() / "").lexically_normal().parent_path();
  std::string lines;
  for (const auto& source : config.text) {
    lines += "files = " + ini_value(seen_from(folder, source)) + "\n";
  }
  return lines;
}

constexpr const char* kIni =
    R"(# Written by charrnn_pipeline init. To train, and to serve meanwhile and afterwards:
#
#   charrnn_pipeline --config {name}
#
# The same command goes on after a stop. Before it, `charrnn_pipeline plan --config {name}` tells what training takes.
# A key that is not here has its default: --print-config shows every value, and --help run explains each.

[corpus]
# Files, patterns such as texts/**/*.txt, or folders; one line for each. Relative to this file.
{text}# The end of the text is kept from training, to see how well the network does on what it has not read.
validation_fraction = 0.05

[model]
# A larger network learns more, takes longer, and learns a small text by heart.
hidden = {hidden}
layers = {layers}
# Raise it, at most to 0.5, when the validation loss rises while the training loss still falls.
dropout = 0
# A new network keeps what it has read for longer.
forget_bias = 1

[train]
# Training ends after this time ({time}) and not after a number of passes over the text. Stops do not count.
max_seconds = {seconds}
epochs = 0
# Small batches: many updates count for more than smooth gradients when the time is short.
batch = 32
sequence_length = 64
{learning}# The learning rate falls to 0 by the end of the time.
schedule = linear

[runtime]
# bf16 where the processor can multiply it, which is nearly twice as fast.
precision = auto

[validation]
every_steps = 200
max_chars = 50k

[checkpoint]
# At the steps of validation, so that the best one is known: --run.checkpoint=best uses it.
every_steps = 200

[serve]
# The page of the run: http://127.0.0.1:7707/
address = 127.0.0.1
port = 7707

[generate]
length = 500
# Below 1: likelier characters, fewer invented words.
temperature = 0.8
)";

}  // namespace

InitialConfig settled(InitialConfig wanted) {
  if (wanted.size == ModelSize::kAuto) {
    wanted.size = ModelSize::kSmall;
    for (const SizeRow& row : kSizes) {
      if (wanted.max_seconds >= row.least_seconds) wanted.size = row.size;
    }
  }
  if (wanted.max_seconds <= 0) wanted.max_seconds = row_of(wanted.size).usual_seconds;
  return wanted;
}

std::string initial_ini(const InitialConfig& config) {
  const SizeRow& row = row_of(config.size);
  using fmt::arg;
  return fmt::format(kIni, arg("name", config.file.string()), arg("text", text_lines(config)),
                     arg("hidden", row.hidden), arg("layers", row.layers),
                     arg("time", duration_text(config.max_seconds)),
                     arg("seconds", config.max_seconds), arg("learning", row.learning));
}

std::filesystem::path initial_name(const std::vector<std::string>& text) {
  const std::filesystem::path path(text.empty() ? "" : text.front());
  std::string name = (path.has_filename() ? path.filename() : path.parent_path().filename());
  name = name.substr(0, name.find('.'));
  const bool plain = !name.empty() && name.find_first_of("*?[{@-~") == name.npos;
  return (plain ? name : std::string("charrnn")) + ".ini";
}

}  // namespace charrnn
