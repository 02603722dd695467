#include "pipeline/commands/followed_run.h"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <memory>
#include <utility>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"

namespace charrnn {
namespace {

constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

FollowedRun::FollowedRun(std::filesystem::path checkpoints, Follow which,
                         PublishedSnapshot& published,
                         std::function<void(const std::string& line)> tell)
    : store_(std::move(checkpoints)),
      which_(which),
      step_(published.load()->step),
      published_(published),
      tell_(std::move(tell)),
      thread_([this] { follow(); }) {
  pthread_setname_np(thread_.native_handle(), "follow");
}

FollowedRun::~FollowedRun() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void FollowedRun::follow() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kLookAgain, [this] { return ends_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

// The step of the checkpoint that should be published, when it is another one than before.
std::optional<std::uint64_t> FollowedRun::wanted_step() const {
  const auto steps = which_ == Follow::kBest ? store_.steps_by_loss() : store_.steps();
  if (steps.empty()) return std::nullopt;
  const bool another = which_ == Follow::kBest ? steps.back() != step_ : steps.back() > step_;
  return another ? std::optional(steps.back()) : std::nullopt;
}

std::optional<Snapshot> FollowedRun::read() const {
  return which_ == Follow::kBest ? store_.best_model() : store_.newest_model();
}

void FollowedRun::look() {
  try {
    const auto wanted = wanted_step();
    if (!wanted) return;
    step_ = *wanted;
    auto model = read();
    const std::uint64_t served = published_.load()->step;
    const bool another =
        model && (which_ == Follow::kBest ? model->step != served : model->step > served);
    if (!another) {
      tell_(fmt::format("warning: the checkpoint of step {} cannot be read; step {} is served on",
                        *wanted, served));
      return;
    }
    published_.store(std::make_shared<Snapshot>(std::move(*model)));
    tell_(fmt::format("now serving step {}", published_.load()->step));
  } catch (const Error& error) {
    tell_(fmt::format("warning: {}; the checkpoint before is served on", error.what()));
  }
}

RunCheckpoints checkpoints_to_choose(const std::filesystem::path& checkpoints) {
  const auto store = std::make_shared<const CheckpointStore>(checkpoints);
  return {
      .steps = [store] { return store->steps(); },
      .read =
          [store](std::uint64_t step) { return std::make_shared<Snapshot>(store->model(step)); }};
}

}  // namespace charrnn
