#include "pipeline/run/changed_training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "pipeline/run/saved_value.h"

namespace charrnn {
namespace {

constexpr const char* kSequenceLength = "train.sequence_length";

bool settles_training(const Option& option) {
  constexpr std::array<std::string_view, 6> kFree = {"train.epochs",          "train.max_steps",
                                                     "train.max_seconds",     "train.seed",
                                                     "train.initial_weights", "train.vocabulary"};
  if (option.key == "model.dropout") return true;
  return option.section() == "train" &&
         std::find(kFree.begin(), kFree.end(), option.key) == kFree.end();
}

// A value as this program writes it: 0.010 is 0.01.
std::string same_spelling(const Option& option, const std::string& text) {
  Config config;
  try {
    read_value(option, {text}, config);
  } catch (const BadValue&) {
    return text;  // of another version
  }
  return write_value(option, config).front();
}

struct Change {
  std::string key;
  std::string was;
  std::string is;
};

std::vector<Change> changes(const Checkpoint& checkpoint, const Config& config) {
  const IniFile saved = scan_ini(checkpoint.config, "config.ini");
  std::vector<Change> found;
  for (const Option& option : options_table()) {
    if (!settles_training(option)) continue;
    Change change{option.key, same_spelling(option, saved_value(saved, option.key)),
                  write_value(option, config).front()};
    if (change.was != change.is) found.push_back(std::move(change));
  }
  return found;
}

int saved_length(const Checkpoint& checkpoint) {
  const std::string text = saved_value(scan_ini(checkpoint.config, "config.ini"), kSequenceLength);
  int length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

// The batch of the new lanes that stands where `batch` stood in the old ones.
std::uint64_t moved(std::uint64_t batch, std::uint64_t old_windows, std::uint64_t windows) {
  if (old_windows == 0) return batch;
  const long double share =
      static_cast<long double>(batch % old_windows) / static_cast<long double>(old_windows);
  return batch / old_windows * windows +
         static_cast<std::uint64_t>(share * static_cast<long double>(windows));
}

void adapt_optimizer(const OptimizerOptions& optimizer, TrainState& state) {
  const Weights average = model_weights(state);
  if (state.optimizer.kind != optimizer.kind) {
    state.slots = zero_slots(optimizer, parameter_count(state.network));
    state.steps = 0;
  }
  state.slots.resize(slot_names(optimizer).size());
  if (optimizer.ema > 0.0) state.slots.back() = {std::string(kAverageSlot), average};
  state.optimizer = optimizer;
}

}  // namespace

std::vector<std::string> changed_training(const Checkpoint& checkpoint, const Config& config) {
  std::vector<std::string> was;
  std::vector<std::string> is;
  std::vector<std::string> lines;
  for (const Change& change : changes(checkpoint, config)) {
    was.push_back(fmt::format("{} = {}", change.key, change.was));
    is.push_back(fmt::format("{} = {}", change.key, change.is));
    lines.push_back(fmt::format("{} was {} and is {}", change.key, change.was, change.is));
  }
  if (lines.empty() || config.run.accept_changed_training) return lines;
  throw Error(
      ErrorKind::kCheckpoint,
      fmt::format("the run in {} was trained with {}; the configuration says {}. Give the old "
                  "values, another run.directory, or --run.accept_changed_training=true to go on "
                  "with the new ones from step {}",
                  config.run.directory.string(), fmt::join(was, ", "), fmt::join(is, ", "),
                  checkpoint.progress.step));
}

void adapt_training(const Lanes& lanes, const Config& config, Checkpoint& checkpoint) {
  TrainState& state = checkpoint.state;
  Lanes old = lanes;
  old.rows = state.rows;
  old.length = saved_length(checkpoint);
  if (old.rows != lanes.rows || old.length != lanes.length) {
    const std::uint64_t windows = old.length > 0 ? old.windows() : 0;
    checkpoint.progress.next_batch =
        moved(checkpoint.progress.next_batch, windows, lanes.windows());
    state.rows = lanes.rows;
    state.carried = zero_carried(state.network, state.rows);
  }
  adapt_optimizer(config.train.optimizer, state);
}

}  // namespace charrnn
