#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <utility>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/trace.h"
#include "model/checkpoint/commit.h"
#include "model/checkpoint/manifest.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t kShortestName = 9;
constexpr int kFewestKept = 2;
// How often a search is begun again because a run published or removed checkpoints meanwhile.
constexpr int kMostSearches = 5;

std::string name_of(std::uint64_t step) {
  const std::string digits = std::to_string(step);
  const std::size_t zeros = kShortestName - std::min(kShortestName, digits.size());
  return std::string(zeros, '0') + digits;
}

std::optional<std::uint64_t> step_of(std::string_view name) {
  std::uint64_t step = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), step);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size();
  return whole && name_of(step) == name ? std::optional(step) : std::nullopt;
}

bool is_good(FileOps& ops, const Path& directory, std::uint64_t step) {
  try {
    return verify_directory(ops, directory).step == step;
  } catch (const Error&) {
    return false;
  }
}

// The best checkpoint that verifies, of these steps with the best one last.
std::optional<std::uint64_t> best_good(FileOps& ops, const Path& directory,
                                       std::vector<std::uint64_t> steps_by_loss) {
  for (; !steps_by_loss.empty(); steps_by_loss.pop_back()) {
    const std::uint64_t step = steps_by_loss.back();
    if (is_good(ops, directory / name_of(step), step)) return step;
  }
  return std::nullopt;
}

std::vector<std::string> prune(FileOps& ops, const Path& directory,
                               std::vector<std::uint64_t> steps, int keep,
                               std::optional<std::uint64_t> best) {
  const TraceSpan span("remove old ones");
  const auto enough = static_cast<std::size_t>(std::max(keep, kFewestKept));
  std::vector<std::string> warnings;
  std::size_t good = 0;
  for (; !steps.empty() && (good + steps.size() > enough); steps.pop_back()) {
    const Path checkpoint = directory / name_of(steps.back());
    if (good < enough) {
      good += is_good(ops, checkpoint, steps.back()) ? 1 : 0;
    } else if (steps.back() == best) {
      continue;
    } else if (const int failed = remove_committed(ops, checkpoint)) {
      warnings.push_back("cannot remove the old checkpoint " + checkpoint.string() + ": " +
                         describe_errno(failed));
    }
  }
  return warnings;
}

std::uint64_t step_in(const Checkpoint& checkpoint) { return checkpoint.progress.step; }
std::uint64_t step_in(const Snapshot& model) { return model.step; }

template <typename Found>
Found read_of_step(Found (*read)(const Path&, FileOps&), FileOps& ops, const Path& directory,
                   std::uint64_t step) {
  Found found = read(directory / name_of(step), ops);
  if (step_in(found) != step) {
    throw Error(ErrorKind::kCheckpoint, (directory / name_of(step)).string() + " holds step " +
                                            std::to_string(step_in(found)));
  }
  return found;
}

// The last of `steps` that can be read.
template <typename Found>
std::optional<Found> read_last(Found (*read)(const Path&, FileOps&), FileOps& ops,
                               const Path& directory, std::vector<std::uint64_t> steps,
                               std::vector<std::string>& warnings) {
  for (; !steps.empty(); steps.pop_back()) {
    try {
      return read_of_step(read, ops, directory, steps.back());
    } catch (const Error& error) {
      warnings.push_back("checkpoint " + name_of(steps.back()) +
                         " is passed over: " + error.what());
    }
  }
  return std::nullopt;
}

// `list` tells the steps there are, the wanted one last.
template <typename Found>
std::optional<Found> search(Found (*read)(const Path&, FileOps&), FileOps& ops,
                            const Path& directory,
                            const std::function<std::vector<std::uint64_t>()>& list,
                            std::vector<std::string>* warnings) {
  std::vector<std::uint64_t> steps = list();
  for (int i = 0; i < kMostSearches && !steps.empty(); ++i) {
    std::vector<std::string> passed_over;
    auto found = read_last(read, ops, directory, steps, passed_over);
    std::vector<std::uint64_t> steps_now = list();
    if (found || steps_now == steps) {
      if (warnings != nullptr) {
        warnings->insert(warnings->end(), passed_over.begin(), passed_over.end());
      }
      if (found) return found;
      throw Error(ErrorKind::kCheckpoint,
                  "no checkpoint in " + directory.string() +
                      " is usable; the first that was tried: " + passed_over.front());
    }
    steps = std::move(steps_now);
  }
  if (steps.empty()) return std::nullopt;
  throw Error(ErrorKind::kCheckpoint, "the checkpoints in " + directory.string() +
                                          " changed while they were read; try again");
}

}  // namespace

CheckpointStore::CheckpointStore(Path directory, FileOps& ops)
    : directory_(std::move(directory)), ops_(&ops) {}

std::vector<std::string> CheckpointStore::write(const Checkpoint& checkpoint, int keep,
                                                bool keep_best) const {
  const std::vector<FileImage> files = checkpoint_files(checkpoint);
  make_directories(*ops_, directory_);
  commit(*ops_, directory_ / name_of(checkpoint.progress.step), checkpoint.progress.step, files);
  try {
    const auto there = steps();
    const bool some_go = there.size() > static_cast<std::size_t>(std::max(keep, kFewestKept));
    if (!some_go) return {};
    return prune(*ops_, directory_, there, keep,
                 keep_best ? best_good(*ops_, directory_, steps_by_loss()) : std::nullopt);
  } catch (const Error& error) {
    return {std::string("old checkpoints stay: ") + error.what()};
  }
}

std::vector<std::uint64_t> CheckpointStore::steps() const {
  std::vector<std::string> names;
  const FileOps::Result listed = ops_->list(directory_, names);
  if (listed == -ENOENT) return {};
  require_done(listed, "list", directory_);
  std::vector<std::uint64_t> steps;
  for (const std::string& name : names) {
    if (const auto step = step_of(name)) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<Checkpoint> CheckpointStore::newest(std::vector<std::string>* warnings) const {
  return search(
      &read_checkpoint, *ops_, directory_, [this] { return steps(); }, warnings);
}

std::optional<Snapshot> CheckpointStore::newest_model(std::vector<std::string>* warnings) const {
  return search(
      &read_model, *ops_, directory_, [this] { return steps(); }, warnings);
}

std::vector<std::uint64_t> CheckpointStore::steps_by_loss() const {
  std::vector<std::pair<double, std::uint64_t>> known;
  for (const std::uint64_t step : steps()) {
    try {
      const auto loss = read_validation_loss(directory_ / name_of(step), *ops_);
      if (loss) known.emplace_back(*loss, step);
    } catch (const Error&) {
      continue;  // damaged, or removed a moment ago
    }
  }
  std::sort(known.rbegin(), known.rend());
  std::vector<std::uint64_t> steps;
  for (const auto& [loss, step] : known) steps.push_back(step);
  return steps;
}

std::optional<Snapshot> CheckpointStore::best_model(std::vector<std::string>* warnings) const {
  return search(
      &read_model, *ops_, directory_, [this] { return steps_by_loss(); }, warnings);
}

Snapshot CheckpointStore::model(std::uint64_t step) const {
  return read_model(directory_ / name_of(step), *ops_);
}

void CheckpointStore::remove_leftovers() const {
  std::vector<std::string> names;
  const FileOps::Result listed = ops_->list(directory_, names);
  if (listed == -ENOENT) return;
  require_done(listed, "list", directory_);
  for (const std::string& name : names) {
    const Path leftover = directory_ / name;
    if (!name.ends_with(kTemporarySuffix)) continue;
    require_done(-remove_directory_with_files(*ops_, leftover), "remove", leftover);
  }
}

}  // namespace charrnn
