#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "nodes/stages.h"
#include "pipeline/graph/input_wait.h"
#include "pipeline/graph/stage_runner.h"
#include "pipeline/graph/worker.h"

namespace charrnn {

/// The order of train steps on the compute thread: as their batches come; one that asks for a
/// validation, and all behind it, not before the validation under way has ended. A step may stay
/// begun until the next one has begun too: a device that computes beside the host never waits for
/// the host to read a loss.
class TrainTurns {
 public:
  /// Takes a step's outcome; null when its batch passed through untrained. On the compute thread.
  using Receiver = std::function<void(OutcomeMessage<StepDone>)>;

  /// All are borrowed.
  TrainTurns(Trainer& trainer, Worker& compute, StageTimes& times, StageRunner& runner)
      : trainer_(trainer), compute_(compute), times_(times), runner_(runner), input_wait_(times) {}

  /// Waits for what it has posted.
  ~TrainTurns();
  TrainTurns(const TrainTurns&) = delete;
  TrainTurns& operator=(const TrainTurns&) = delete;

  /// Trains on a batch in its turn. From any thread; receivers are called in the same order.
  void give(std::shared_ptr<const DeviceBatch> batch, Receiver receiver);

  /// On the compute thread: the validation that a step asked for has ended.
  void validation_ended();

  /// On the compute thread: it did other work, so it was not waiting for input.
  void other_work(std::chrono::steady_clock::duration spent) { input_wait_.other_work(spent); }

 private:
  struct Turn {
    std::shared_ptr<const DeviceBatch> batch;
    Receiver receiver;
  };

  void take(const Turn& turn);
  void train(const Turn& turn);
  void pass(const Turn& turn);
  void end_if_none_comes();
  void end_all_but(std::size_t newest);
  void hand_on(const Receiver& receiver, OutcomeMessage<StepDone> done);

  Trainer& trainer_;
  Worker& compute_;
  StageTimes& times_;
  StageRunner& runner_;
  // Of the compute thread.
  InputWait input_wait_;
  bool validating_ = false;     // from the step that asks until the result is there
  std::deque<Turn> held_;       // wait for a validation's end
  std::deque<Receiver> begun_;  // of steps that are begun and not ended
  std::uint64_t begun_ever_ = 0;
};

}  // namespace charrnn
