#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "model/snapshot.h"

namespace charrnn {

/// The slot through which training hands weights to serving: one writer, any number of readers; a
/// reader keeps what it took for as long as it likes.
class PublishedSnapshot {
 public:
  /// The newest snapshot, or null when nothing was published yet.
  std::shared_ptr<const Snapshot> load() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }

  /// Replaces the snapshot and tells the listener, on the calling thread.
  void store(std::shared_ptr<const Snapshot> snapshot) {
    std::function<void()> listener;
    {
      const std::lock_guard lock(mutex_);
      snapshot_ = std::move(snapshot);
      listener = listener_;
    }
    if (listener) listener();
  }

  /// `listener` is called after each store(); it must be quick and not throw. One at a time.
  void on_store(std::function<void()> listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::function<void()> listener_;
};

}  // namespace charrnn
