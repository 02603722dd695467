#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "serve/engine/generation.h"

namespace charrnn {

/// Bytes of text that wait in a stream before its row pauses. With as many in the write that is
/// under way, and twice as many in the kernel, a client holds 64 KiB at most.
inline constexpr std::size_t kStreamCapacity = 16 * 1024;

/// The hand-over between the engine, which makes a stream's text, and the client that takes it.
/// Bounded: the row of a full stream pauses until the client has taken. Every member may be called
/// from any thread.
class Stream {
 public:
  /// `on_ready` is called on the client's thread when there is something to take after a take()
  /// that found nothing, and when the last piece has come.
  /// `capacity`: bytes of text that wait before the row pauses.
  Stream(Generation generation, std::function<void()> on_ready,
         std::size_t capacity = kStreamCapacity);

  // For the client.

  /// Everything that was made since the last call. An empty piece without a finish: nothing yet.
  /// `was_full`: the row has paused, and the engine has to be woken.
  Piece take(bool& was_full);

  /// The client left: the row is freed without a last piece.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  /// Asks for an early last piece with this finish.
  void end(Finish finish);

  /// Where the text stood when it ended; only after the last piece, and only when the generation
  /// keeps its state.
  std::shared_ptr<const TextState> where() const;

  // For the engine.

  const Generation& generation() const { return generation_; }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  bool full() const { return bytes_.load(std::memory_order_relaxed) >= capacity_; }
  std::optional<Finish> asked_to_end() const;

  /// Appends a piece and empties it. True when the client has to be told: it waits, or this is the
  /// last piece.
  bool push(Piece& piece);

  /// See where().
  void set_where(std::shared_ptr<const TextState> where);

  /// Tells the client; on the client's thread.
  void ready() const { on_ready_(); }

 private:
  static constexpr int kNoFinish = -1;

  const Generation generation_;
  const std::function<void()> on_ready_;
  const std::size_t capacity_;
  std::atomic<bool> cancelled_{false};
  std::atomic<int> end_{kNoFinish};
  std::atomic<std::size_t> bytes_{0};
  mutable std::mutex mutex_;
  Piece piece_;                             // guarded by mutex_
  bool waiting_ = false;                    // guarded by mutex_: the client found nothing
  std::shared_ptr<const TextState> where_;  // guarded by mutex_
};

}  // namespace charrnn
