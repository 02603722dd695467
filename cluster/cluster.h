#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "cluster/messenger.h"

namespace charrnn {

/// How the processes of a run on several machines work together.
struct ClusterOptions {
  /// Whether any number of processes learns the bits that one alone would. It costs time: each adds
  /// its part of a gradient to that of the one before it. Without it, sums are rounded in another
  /// order, the same each time for the same number of processes.
  bool exact = false;

  /// Seconds after which a process that does not answer counts as lost, and the run ends. Raise it
  /// when a machine may pause for longer than that.
  double timeout = 120.0;
};

/// What ends the work of this process because another one has failed or asked for it. `can_save`:
/// all of them are there and can still put their states together.
class OtherRankFailed : public Error {
 public:
  OtherRankFailed(const std::string& message, bool can_save)
      : Error(ErrorKind::kInternal, message), can_save_(can_save) {}
  bool can_save() const noexcept { return can_save_; }

 private:
  bool can_save_;
};

/// The processes of one run. Every member that is called collective is called by all of them in the
/// same order. One caller at a time. What a collective member waits for ends it with
/// OtherRankFailed: another rank has called fail(), or nothing has come for the time that was set.
/// Where one ends so, it ends at the same operation on every rank.
class Cluster {
 public:
  /// `timeout`: in seconds; of the other ranks' silence. Collective.
  Cluster(std::unique_ptr<Messenger> messenger, double timeout);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  int rank() const { return messenger_->rank(); }
  int size() const { return messenger_->size(); }
  bool leads() const { return rank() == 0; }

  /// What people call a rank: `rank 2 (machine)`.
  std::string name(int rank) const;

  /// Collective. Adds up each number over all ranks; the same bits on each.
  void sum(std::span<float> numbers);

  /// Collective. The bits that any rank has set: numbers are put together of which each but one
  /// rank has only zeros.
  void merge(std::span<std::byte> bytes);

  /// Collective, in two calls: numbers go from rank to rank, each adding to them, and come back
  /// to all. The first returns false on rank 0, where nothing comes before.
  bool take_over(std::span<float> numbers);
  void hand_on(std::span<float> numbers);

  /// Collective. Everybody gets rank 0's text.
  void broadcast(std::string& text);

  /// Collective. Rank 0's bytes, as many on each.
  void broadcast(std::span<std::byte> bytes);

  /// Collective. The texts of all ranks.
  std::vector<std::string> exchange(const std::string& text);

  /// Collective. Does `work` on each rank. When it throws on any, it throws on all: the rank's own
  /// exception there, elsewhere an Error of the same kind with the name of the first such rank; the
  /// cooperation is over then.
  /// Waits for as long as it takes.
  void together(const std::function<void()>& work);

  /// Tells the others that this rank cannot go on, and why.
  void fail(const std::string& reason);

  /// Tells the others that this rank is at work, so that they go on waiting. Cheap: a note a
  /// second at most.
  void busy();

  /// After fail() here or elsewhere: forgets what was under way, so that collective members work
  /// again.
  void start_afresh();

  /// Collective. The end of the cooperation; once. Waits for all.
  void close();
  bool closed() const { return closed_; }

  /// What this rank has sent with sum() and hand_on() so far, and how long it has waited there.
  std::uint64_t bytes() const { return bytes_; }
  double waited() const { return waited_; }

 private:
  using Clock = std::chrono::steady_clock;
  void wait(Messenger::Operation operation, std::uint64_t number);
  void wait_measured(Messenger::Operation operation, std::uint64_t number);
  void read_notes(std::uint64_t number);
  void note_all(const std::string& text);
  [[noreturn]] void give_up() const;

  std::unique_ptr<Messenger> messenger_;
  double timeout_;
  std::vector<std::string> machines_;
  std::uint64_t begun_ = 0;  // collective operations that this rank has entered
  Clock::time_point heard_;  // the last sign of others
  Clock::time_point said_;   // by busy()
  std::string failure_;      // of another rank, and the operations that it had entered
  std::uint64_t failed_after_ = UINT64_MAX;
  bool patient_ = false;  // waits for as long as it takes
  bool closed_ = false;
  std::uint64_t bytes_ = 0;
  double waited_ = 0.0;
};

}  // namespace charrnn
