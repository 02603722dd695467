#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <map>
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

// Which checkpoints verify. Each is read once.
class Verified {
 public:
  Verified(FileOps& ops, const CheckpointStore& store) : ops_(ops), store_(store) {}

  bool operator()(std::uint64_t step) {
    const auto [known, is_new] = known_.try_emplace(step, false);
    if (is_new) known->second = verify(step);
    return known->second;
  }

 private:
  bool verify(std::uint64_t step) const {
    try {
      return verify_directory(ops_, store_.directory_of(step)).step == step;
    } catch (const Error&) {
      return false;
    }
  }

  FileOps& ops_;
  const CheckpointStore& store_;
  std::map<std::uint64_t, bool> known_;
};

// The best checkpoint that verifies, of these steps with the best one last.
std::optional<std::uint64_t> best_good(const std::vector<std::uint64_t>& steps_by_loss,
                                       Verified& is_good) {
  const auto best = std::find_if(steps_by_loss.rbegin(), steps_by_loss.rend(),
                                 [&](std::uint64_t step) { return is_good(step); });
  return best == steps_by_loss.rend() ? std::nullopt : std::optional(*best);
}

std::vector<std::string> prune(FileOps& ops, const CheckpointStore& store,
                               std::vector<std::uint64_t> steps, std::size_t enough,
                               std::optional<std::uint64_t> best, Verified& is_good) {
  const TraceSpan span("remove old ones");
  std::vector<std::string> warnings;
  std::size_t good = 0;
  for (; !steps.empty() && (good + steps.size() > enough); steps.pop_back()) {
    const Path checkpoint = store.directory_of(steps.back());
    if (good < enough) {
      good += is_good(steps.back()) ? 1 : 0;
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
  commit(*ops_, directory_of(checkpoint.progress.step), checkpoint.progress.step, files);
  try {
    const auto there = steps();
    const auto enough = static_cast<std::size_t>(std::max(keep, kFewestKept));
    if (there.size() <= enough) return {};
    Verified is_good(*ops_, *this);
    const auto best = keep_best ? best_good(steps_by_loss(), is_good) : std::nullopt;
    return prune(*ops_, *this, there, enough, best, is_good);
  } catch (const Error& error) {
    return {std::string("old checkpoints stay: ") + error.what()};
  }
}

Path CheckpointStore::directory_of(std::uint64_t step) const { return directory_ / name_of(step); }

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
      const auto loss = read_validation_loss(directory_of(step), *ops_);
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
  return read_model(directory_of(step), *ops_);
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
