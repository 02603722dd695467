#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "model/packed_network.h"
#include "model/sampler.h"
#include "serve/engine/duty_cycle.h"
#include "serve/engine/fair_places.h"
#include "serve/engine/row.h"
#include "serve/engine/stream.h"

namespace charrnn {

/// How much the engine takes on.
struct EngineOptions {
  std::size_t max_live = 128;    ///< streams that have a place: they advance together
  std::size_t max_queued = 128;  ///< streams that wait for a place; more are refused
  std::size_t max_parked = 512;  ///< streams whose client does not take; they hold no place
  int threads = 1;  ///< that compute while nothing is trained; one beside a training run
  WeightFormat weights = WeightFormat::kFloat32;  ///< that texts are made with
  double cores = 0.5;  ///< that it may take while a training runs beside it
};

/// Advances all live streams together: one character each in one batched step. Streams join and
/// leave between characters. Prompts are read at the same pace, but one of them a window at a time,
/// the clients in turns: alone it is read soon, and the others lose little. Streams of one snapshot
/// share its packed weights; each keeps the snapshot that it began with. Places are shared among
/// clients: while others wait, who has more than they have gives places up, and a stream keeps its
/// place for kTurn characters and then stands at the end of the line, so that neither many texts
/// nor long ones shut others out. A full stream leaves its place, too, and gets one when its client
/// has taken. One thread, which sleeps when no row can go on.
class Engine {
 public:
  using Streams = std::vector<std::shared_ptr<Stream>>;

  /// Characters that a stream may make while others wait. Most texts are made in one turn.
  static constexpr std::uint64_t kTurn = 1024;

  /// `notify` is called on the engine's thread with the streams that have to be told ready().
  Engine(const EngineOptions& options, std::function<void(const Streams&)> notify);
  ~Engine();

  /// Takes streams of one client on, all or none. False when live and queued streams would pass
  /// their limits, or would leave less room for others than this client has: see may_hold().
  bool submit(const Streams& streams);

  /// The most streams that submit() ever takes at once.
  std::size_t most_at_once() const {
    return most_of_one_client(options_.max_live + options_.max_queued);
  }

  /// Something about a stream changed (cancelled, asked to end, taken from when full).
  void wake();

  /// While a training runs, the cores of the options bound the engine.
  void training(bool running);

  std::size_t live() const { return live_.load(std::memory_order_relaxed); }
  std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }

  /// Full streams that have no place; they are not counted as queued.
  std::size_t parked() const { return parked_.load(std::memory_order_relaxed); }

  /// Characters made since the beginning.
  std::uint64_t characters() const { return characters_.load(std::memory_order_relaxed); }

 private:
  struct Member {
    std::shared_ptr<Stream> stream;
    Row row;
    std::shared_ptr<const PackedNetwork> network;  // of the stream's snapshot
    std::uint64_t turn = 0;                        // characters since it got its place
  };
  // Who has no place: a newcomer, or a member whose turn is over or whose client does not take.
  struct Waiting {
    std::shared_ptr<Stream> stream;
    std::unique_ptr<Member> member;  // null: a newcomer
  };
  using Line = std::list<Waiting>;
  // The streams of one snapshot that have a place.
  struct Group {
    std::shared_ptr<const Weights> weights;
    std::shared_ptr<const PackedNetwork> network;
    std::vector<std::unique_ptr<Member>> members;
  };

  void run();
  bool wait_for_work();
  void leave_places();
  void leave(std::unique_ptr<Member> member);
  void share_places();
  void admit();
  Line next_in_line();
  Line::iterator next_waiting();
  void join(Waiting waiting);
  std::unique_ptr<Member> begin(std::shared_ptr<Stream> stream);
  Group& group_of(const Snapshot& snapshot, std::shared_ptr<const PackedNetwork> network);
  void drop_unused_groups();
  int threads_now() const;
  void step();
  void step_group(Group& group);
  void read_window(Group& group);
  std::uint64_t last_window(const Member& member) const;
  void find_rows(Group& group);
  void advance(Group& group);
  void fail(Group& group);
  void read(std::size_t row, std::span<const float> scores, Sampler& sampler);
  void settle(Member& member, Piece& piece);
  static bool hand_on(Member& member, Piece& piece);
  void sweep(Group& group);
  bool left(const Member& member);
  void forget(const Stream& stream);
  void rest(DutyCycle::Clock::time_point begin, std::chrono::nanoseconds cpu_before);

  const EngineOptions options_;
  const std::function<void(const Streams&)> notify_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Line waiting_;          // guarded by mutex_
  RequesterCounts held_;  // guarded by mutex_: all that were taken on and have not left
  bool work_ = false;     // guarded by mutex_: something changed
  bool stop_ = false;     // guarded by mutex_

  std::atomic<bool> training_{false};
  std::atomic<std::size_t> live_{0};
  std::atomic<std::size_t> queued_{0};
  std::atomic<std::size_t> parked_{0};
  std::atomic<std::uint64_t> characters_{0};

  // Of the engine's thread alone.
  std::vector<Group> groups_;
  RequesterCounts placed_;                      // those that have a place
  std::map<Requester, std::uint64_t> windows_;  // when a prompt's window was last read, in windows
  std::uint64_t window_ = 0;
  Streams told_;
  Sampler sampler_;
  DutyCycle duty_;
  std::vector<Member*> rows_;
  std::vector<RowState*> states_;
  std::vector<Symbol> symbols_;
  std::vector<float> scores_;
  std::vector<std::uint8_t> to_tell_;  // [row]; each is written by the thread that has the row
  bool advanced_ = false;              // in the last step, any row
  bool freed_ = false;                 // in the last step, any place

  std::thread thread_;
};

}  // namespace charrnn
