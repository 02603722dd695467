// The fused backend's training speed: characters and useful FLOP per second beside the processor's
// FMA peak, measured before and after in the same run, and where the time went.
//
//   train_step_bench [hidden layers rows length steps threads kernels optimiser]
//   512 2 128 100 5 all fastest adam
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/counter_rng.h"
#include "bench/fma_peak.h"
#include "model/fused/fused_backend.h"
#include "model/fused/kernel_choice.h"

namespace charrnn {
namespace {

constexpr int kVocabulary = 83;  // of the text that the reference figures are for

/// Multiplications and additions that one character costs: 2 FLOP a weight forward and 4 backward,
/// but none for layer 0's input, which is a row of its matrix, and none for its gradient.
double flop_of_character(const NetworkShape& shape) {
  const double square = 4.0 * shape.hidden * shape.hidden;
  const double weights = square * (2 * shape.layers - 1) + 1.0 * shape.hidden * shape.vocabulary;
  return 6.0 * weights;
}

Batch text_batch(const NetworkShape& shape, int rows, int length, std::uint64_t seed) {
  Batch batch;
  batch.rows = rows;
  batch.length = length;
  for (int i = 0; i < rows * length; ++i) {
    batch.inputs.push_back(static_cast<Symbol>(uniform53(seed, i, 1) * shape.vocabulary));
    batch.targets.push_back(static_cast<Symbol>(uniform53(seed, i, 2) * shape.vocabulary));
  }
  return batch;
}

struct Options {
  NetworkShape shape{kVocabulary, 512, 2};
  int rows = 128;
  int length = 100;
  int steps = 5;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  const Kernels* kernels = &fastest_kernels();
  OptimizerKind optimizer = OptimizerKind::kAdam;
};

Options parse(int argc, char** argv) {
  Options options;
  int* const numbers[] = {&options.shape.hidden, &options.shape.layers, &options.rows,
                          &options.length,       &options.steps,        &options.threads};
  for (int i = 1; i < argc && i <= 6; ++i) *numbers[i - 1] = std::atoi(argv[i]);
  for (const Kernels* kernels : runnable_kernels()) {
    if (argc > 7 && std::strcmp(argv[7], kernels->name) == 0) options.kernels = kernels;
  }
  const Kernels* bf16 = bf16_kernels();
  if (argc > 7 && bf16 != nullptr && std::strcmp(argv[7], bf16->name) == 0) options.kernels = bf16;
  if (argc > 8) options.optimizer = value_of<OptimizerKind>(argv[8]).value_or(options.optimizer);
  return options;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Characters that the backend's scorer (validation) takes in a second; the second of two batches.
double score_rate(const FusedBackend& backend, const Options& options) {
  const auto scorer = backend.scorer(backend.weights());
  const Batch batch = text_batch(options.shape, options.rows, options.length, 0);
  scorer->score(batch);
  const double time = seconds_of([&] { scorer->score(batch); });
  return static_cast<double>(options.rows) * options.length / time;
}

/// The share of a step that comes after its gradient: directions, norm, clip, optimiser, packing.
double share_of_update(const FusedPhases& before, const FusedPhases& after) {
  const double update = after.update - before.update;
  return update / (update + after.rows - before.rows + after.gradients - before.gradients);
}

void bench(const Options& options) {
  const NetworkShape& shape = options.shape;
  const auto backend = make_fused_backend(
      fresh_state(shape, options.rows, initial_weights(shape, 1), {.kind = options.optimizer}),
      {.kernel_threads = options.threads}, *options.kernels);
  std::vector<double> times;
  FmaPeak peak = fma_peak(options.threads);
  double processor = 0.0;
  FusedPhases before;
  for (int i = 0; i <= options.steps; ++i) {
    const auto batch = backend->transfer(text_batch(shape, options.rows, options.length, i));
    const StepSettings settings{.step = static_cast<std::uint64_t>(i) + 1, .dropout = 0.5F};
    const double processor_before = processor_seconds();
    const double time = seconds_of([&] { backend->begin(batch, settings)(); });
    if (i == 0) {
      before = backend->phases();  // the first step warms up
    } else {
      times.push_back(time);
      processor += processor_seconds() - processor_before;
    }
  }
  const double scored = score_rate(*backend, options);
  const FmaPeak again = fma_peak(options.threads);
  peak = {std::max(peak.gflops, again.gflops),
          std::max(peak.gflops_per_thread, again.gflops_per_thread)};
  std::sort(times.begin(), times.end());
  const double characters = static_cast<double>(options.rows) * options.length;
  const double median = times[times.size() / 2];
  const double gflops = flop_of_character(shape) * characters / median / 1e9;
  const double by_processor_time =
      flop_of_character(shape) * characters * options.steps / processor / 1e9;
  const FusedPhases& after = backend->phases();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"kernels\": \"%s\", \"threads\": %d, \"hidden\": %d, \"layers\": %d, \"rows\": %d, "
      "\"length\": %d, \"median_chars_per_second\": %.0f, \"best_chars_per_second\": %.0f, "
      "\"gflops\": %.1f, \"fma_peak_gflops\": %.1f, \"of_peak\": %.3f, "
      "\"of_peak_by_processor_time\": %.3f, \"rows_ms\": %.1f, "
      "\"gradients_ms\": %.1f, \"directions_ms\": %.1f, \"update_ms\": %.1f, "
      "\"update_share\": %.3f, \"peak_memory_mb\": %ld, "
      "\"score_chars_per_second\": %.0f}\n",
      options.kernels->name, options.threads, shape.hidden, shape.layers, options.rows,
      options.length, characters / median, characters / times.front(), gflops, peak.gflops,
      gflops / peak.gflops, by_processor_time / peak.gflops_per_thread,
      (after.rows - before.rows) * 1e3 / options.steps,
      (after.gradients - before.gradients) * 1e3 / options.steps,
      (after.directions - before.directions) * 1e3 / options.steps,
      (after.update - before.update) * 1e3 / options.steps, share_of_update(before, after),
      usage.ru_maxrss / 1024, scored);
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) { charrnn::bench(charrnn::parse(argc, argv)); }
