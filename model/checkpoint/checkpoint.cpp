#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/trace.h"
#include "model/checkpoint/commit.h"
#include "model/checkpoint/manifest.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t kShortestName = 9;
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

std::vector<std::string> prune(FileOps& ops, const Path& directory,
                               std::vector<std::uint64_t> steps, int keep) {
  const TraceSpan span("remove old ones");
  const auto enough = static_cast<std::size_t>(std::max(keep, 2));
  std::vector<std::string> warnings;
  std::size_t good = 0;
  for (; !steps.empty() && (good + steps.size() > enough); steps.pop_back()) {
    const Path checkpoint = directory / name_of(steps.back());
    if (good < enough) {
      good += is_good(ops, checkpoint, steps.back()) ? 1 : 0;
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
    throw Error(ExitCode::kCheckpoint, (directory / name_of(step)).string() + " holds step " +
                                           std::to_string(step_in(found)));
  }
  return found;
}

// The newest of `steps` that can be read.
template <typename Found>
std::optional<Found> read_newest(Found (*read)(const Path&, FileOps&), FileOps& ops,
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

template <typename Found>
std::optional<Found> search(Found (*read)(const Path&, FileOps&), FileOps& ops,
                            const Path& directory, const CheckpointStore& store,
                            std::vector<std::string>* warnings) {
  std::vector<std::uint64_t> steps = store.steps();
  for (int i = 0; i < kMostSearches && !steps.empty(); ++i) {
    std::vector<std::string> passed_over;
    auto found = read_newest(read, ops, directory, steps, passed_over);
    std::vector<std::uint64_t> steps_now = store.steps();
    if (found || steps_now == steps) {
      if (warnings != nullptr) {
        warnings->insert(warnings->end(), passed_over.begin(), passed_over.end());
      }
      if (found) return found;
      throw Error(ExitCode::kCheckpoint, "no checkpoint in " + directory.string() +
                                             " is usable; the newest: " + passed_over.front());
    }
    steps = std::move(steps_now);
  }
  if (steps.empty()) return std::nullopt;
  throw Error(ExitCode::kCheckpoint, "the checkpoints in " + directory.string() +
                                         " changed while they were read; try again");
}

}  // namespace

CheckpointStore::CheckpointStore(Path directory, FileOps& ops)
    : directory_(std::move(directory)), ops_(&ops) {}

std::vector<std::string> CheckpointStore::write(const Checkpoint& checkpoint, int keep) const {
  const std::vector<FileImage> files = checkpoint_files(checkpoint);
  make_directories(*ops_, directory_);
  commit(*ops_, directory_ / name_of(checkpoint.progress.step), checkpoint.progress.step, files);
  try {
    return prune(*ops_, directory_, steps(), keep);
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
  return search(&read_checkpoint, *ops_, directory_, *this, warnings);
}

std::optional<Snapshot> CheckpointStore::newest_model(std::vector<std::string>* warnings) const {
  return search(&read_model, *ops_, directory_, *this, warnings);
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
