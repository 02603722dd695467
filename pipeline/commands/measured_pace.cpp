#include "pipeline/commands/measured_pace.h"

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <utility>

#include "nodes/batch_source.h"
#include "pipeline/graph/worker.h"

namespace charrnn {
namespace {

constexpr double kSeconds = 2.0;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

double characters_of(const Lanes& lanes) {
  return static_cast<double>(lanes.rows) * static_cast<double>(lanes.length);
}

void time_steps(Backend& backend, const StartingPoint& start, const Config& config,
                const std::atomic<bool>& stop, MeasuredPace& pace) {
  BatchSource source(*start.corpus, start.lanes,
                     {.stripe_windows = config.runtime.stripe_windows,
                      .first_batch = start.progress.next_batch,
                      .end_batch = start.end_batch});
  StepSettings settings{.step = start.progress.step,
                        .seed = config.train.seed,
                        .dropout = static_cast<float>(config.model.dropout),
                        .learning_rate = static_cast<float>(config.train.schedule.learning_rate),
                        .clip = static_cast<float>(config.train.clip)};
  const auto step = [&] {
    auto batch = stop ? std::nullopt : source.next();
    if (!batch) return false;
    ++settings.step;
    backend.begin(backend.transfer(std::move(*batch)), settings)();
    return true;
  };
  // The first step takes memory and packs weights, which no later one does. It counts only when
  // there is no other.
  Stopwatch watch;
  double seconds = step() ? watch.seconds() : 0.0;
  if (seconds == 0.0) return;
  pace.steps = 1;
  watch = {};
  for (std::uint64_t steps = 1; watch.seconds() < kSeconds && step(); ++steps) {
    pace.steps = steps;
    seconds = watch.seconds();
  }
  pace.training = characters_of(start.lanes) * static_cast<double>(pace.steps) / seconds;
}

void time_validation(const Backend& backend, const StartingPoint& start, MeasuredPace& pace) {
  BatchSource source(*start.validation.corpus, start.validation_lanes,
                     {.stripe_windows = 1, .first_batch = 0, .end_batch = 1});
  const auto scorer = backend.scorer(backend.weights());
  const auto batch = source.next();
  scorer->score(*batch);
  const Stopwatch watch;
  scorer->score(*batch);
  pace.validating = characters_of(start.validation_lanes) / watch.seconds();
}

}  // namespace

std::uint64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

MeasuredPace measure_pace(StartingPoint& start, const Config& config,
                          const std::atomic<bool>& stop) {
  MeasuredPace pace;
  if (start.progress.next_batch >= start.end_batch) return pace;
  Worker compute("compute");
  compute.run([&] {
    const auto backend = make_backend(start.choice, std::exchange(start.state, {}));
    time_steps(*backend, start, config, stop, pace);
    if (start.validates() && !stop) time_validation(*backend, start, pace);
  });
  return pace;
}

}  // namespace charrnn
