#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <optional>

#include "pipeline/graph/stage_failure.h"
#include "pipeline/graph/stage_times.h"

namespace charrnn {

/// What a stage with a thread of its own sends back: its result, or why there is none.
template <class T>
struct Outcome {
  std::optional<T> value;
  std::exception_ptr error;
};
template <class T>
using OutcomeMessage = std::shared_ptr<Outcome<T>>;

/// Calls the bodies of stages: measures them, gives what they throw the stage's name, and remembers
/// that one failed. From any thread.
class StageRunner {
 public:
  /// `times` is borrowed.
  explicit StageRunner(StageTimes& times) : times_(times) {}

  /// True once a stage failed: what is inside of the graph passes through.
  bool ended() const { return ended_; }
  void end() { ended_ = true; }

  /// The body's result. An exception comes out with the stage's name in front.
  template <class Body>
  auto run(Stage stage, Body&& body) {
    const StageCall call(times_[stage], stage);
    return named(stage, body);
  }

  /// The same for a message to send: throws nothing of the body's.
  template <class T, class Body>
  OutcomeMessage<T> outcome(Stage stage, Body&& body) {
    return caught<T>([&] { return run(stage, body); });
  }

  /// The same as a part of a call that is measured already.
  template <class T, class Body>
  OutcomeMessage<T> unmeasured(Stage stage, Body&& body) {
    return caught<T>([&] { return named(stage, body); });
  }

 private:
  template <class Body>
  auto named(Stage stage, Body&& body) {
    try {
      return body();
    } catch (...) {
      ended_ = true;
      rethrow_named(stage);
    }
  }
  template <class T, class Body>
  static OutcomeMessage<T> caught(Body&& body) {
    auto message = std::make_shared<Outcome<T>>();
    try {
      message->value = body();
    } catch (...) {
      message->error = std::current_exception();
    }
    return message;
  }

  StageTimes& times_;
  std::atomic<bool> ended_{false};
};

}  // namespace charrnn
