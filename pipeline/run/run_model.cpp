#include "pipeline/run/run_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/standard_error.h"
#include "model/checkpoint/manifest.h"
#include "pipeline/run/stored_reading.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 10;

void add_stored_reading(const fs::path& checkpoint, Snapshot& model) {
  std::ifstream stream(checkpoint / "config.ini", std::ios::binary);
  const std::string ini(std::istreambuf_iterator<char>(stream), {});
  auto vocabulary = std::make_shared<Vocabulary>(*model.vocabulary);
  vocabulary->set_reading(stored_reading(ini));
  model.vocabulary = std::move(vocabulary);
}

std::optional<std::uint64_t> as_step(const std::string& text) {
  std::uint64_t step = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, step);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(step) : std::nullopt;
}

// "the steps 10, 20, 30 have one"
std::string steps_there(std::vector<std::uint64_t> steps) {
  if (steps.size() == 1) return fmt::format("step {} is the only one that has one", steps.front());
  const std::size_t left_out = steps.size() - std::min(steps.size(), kMostNamed);
  steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(left_out));
  return fmt::format("the steps {}{} have one", left_out > 0 ? "..., " : "",
                     fmt::join(steps, ", "));
}

// Where a model was looked for.
struct Place {
  fs::path run_directory;
  CheckpointStore store{run_directory / "checkpoints"};
};

[[noreturn]] void fail_without_any(const Place& place) {
  throw Error(
      ErrorKind::kCheckpoint,
      fmt::format("there is no checkpoint in {}. Train first, with the same --config, or name "
                  "another run.directory",
                  place.run_directory.string()));
}

std::optional<Snapshot> best(const Place& place, std::vector<std::string>& warnings) {
  auto model = place.store.best_model(&warnings);
  if (model) return model;
  const auto steps = place.store.steps();
  if (steps.empty()) return std::nullopt;
  throw Error(ErrorKind::kCheckpoint,
              fmt::format("run.checkpoint = best: no checkpoint in {} knows its validation loss, "
                          "because none is of a step that was validated. Choose newest or a step: "
                          "{}",
                          place.run_directory.string(), steps_there(steps)));
}

std::optional<Snapshot> of_step(const Place& place, std::uint64_t step) {
  const auto steps = place.store.steps();
  if (steps.empty()) return std::nullopt;
  if (std::find(steps.begin(), steps.end(), step) != steps.end()) return place.store.model(step);
  throw Error(ErrorKind::kCheckpoint,
              fmt::format("run.checkpoint = {}: there is no checkpoint of this step in {}; {}",
                          step, place.run_directory.string(), steps_there(steps)));
}

Snapshot in_folder(const std::string& folder) {
  std::error_code ignored;
  if (!fs::exists(fs::path(folder) / kManifestName, ignored)) {
    throw Error(ErrorKind::kCheckpoint,
                fmt::format("run.checkpoint = {0}: there is no checkpoint there, because {0}/{1} "
                            "is missing. Say newest, best, a step, or the folder of a checkpoint",
                            folder, kManifestName));
  }
  return read_model(folder);
}

}  // namespace

Snapshot run_model(const Config& config) { return run_model(config, config.run.directory); }

Snapshot run_model(const Config& config, const fs::path& run_directory) {
  const std::string& which = config.run.checkpoint;
  const Place place{.run_directory = run_directory};
  std::vector<std::string> warnings;
  std::optional<Snapshot> model;
  fs::path folder;  // when one is named
  if (which == "newest") {
    model = place.store.newest_model(&warnings);
  } else if (which == "best") {
    model = best(place, warnings);
  } else if (const auto step = as_step(which)) {
    model = of_step(place, *step);
  } else {
    folder = which;
    model = in_folder(which);
  }
  for (const auto& warning : warnings) tell("warning: " + warning);
  if (!model) fail_without_any(place);
  if (!model->vocabulary->has_reading()) {
    add_stored_reading(folder.empty() ? place.store.directory_of(model->step) : folder, *model);
  }
  return std::move(*model);
}

}  // namespace charrnn
