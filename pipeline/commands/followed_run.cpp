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

FollowedRun::FollowedRun(std::filesystem::path checkpoints, std::uint64_t step,
                         PublishedSnapshot& published,
                         std::function<void(const std::string& line)> tell)
    : checkpoints_(std::move(checkpoints)),
      step_(step),
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

void FollowedRun::look() {
  try {
    const CheckpointStore store(checkpoints_);
    const auto steps = store.steps();
    if (steps.empty() || steps.back() <= step_) return;
    step_ = steps.back();
    auto model = store.newest_model();
    if (!model || model->step <= published_.load()->step) {
      tell_(
          fmt::format("warning: the checkpoint of step {} cannot be read; the one before is "
                      "served on",
                      step_));
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
