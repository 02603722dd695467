#include "model/fused/fused_backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>

#include "base/trace.h"
#include "model/fused/fused_scorer.h"
#include "model/fused/kernel_choice.h"
#include "model/fused/row_blocks.h"

namespace charrnn {
namespace {

/// Adds the time from its beginning to its end.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

bool bf16_available() { return bf16_kernels() != nullptr; }

FusedBackend::FusedBackend(const TrainState& state, const BackendOptions& options,
                           const Kernels& kernels)
    : kernels_(kernels),
      geometry_(state.network, kernels.width),
      team_(options.kernel_threads),
      reduction_(options.reduction),
      state_(state),
      gradient_(parameter_count(state.network), 0.0F),
      packed_(geometry_, kernels, true),
      gradient_jobs_(geometry_, kernels, team_.threads()),
      update_jobs_(geometry_, kernels, state.optimizer.kind) {
  packed_.pack(state_.weights.data());
  if (optimizer_rule(state.optimizer.kind).orthogonal) {
    directions_.emplace(state.network, kernels, team_.threads());
  }
}

std::shared_ptr<const DeviceBatch> FusedBackend::transfer(Batch batch) {
  return std::make_shared<const DeviceBatch>(std::move(batch));
}

void FusedBackend::make_room(const Batch& batch) {
  const RowCut cut(batch.whole());
  const int waiting = std::min(cut.blocks, 2 * team_.threads());
  if (room_.rows == cut.largest() && room_.steps >= batch.length &&
      static_cast<int>(wave_.size()) >= waiting) {
    return;
  }
  room_ = {.rows = cut.largest(), .steps = batch.length, .training = true};
  wave_.clear();
  for (int i = 0; i < waiting; ++i) {
    wave_.push_back(std::make_unique<RowBlock>(geometry_, kernels_, room_));
  }
}

BegunStep FusedBackend::begin(std::shared_ptr<const DeviceBatch> batch,
                              const StepSettings& settings) {
  StepResult result;
  if (reduction_ == nullptr) {
    accumulate(batch->host(), settings);
    result.loss = mean_loss(batch->host());
  } else {
    result.loss = together(batch->host(), settings);
  }
  result.gradient_norm = apply(settings);
  return [result] { return result; };
}

double FusedBackend::mean_loss(const Batch& batch) const {
  const double loss = std::accumulate(losses_.begin(), losses_.end(), 0.0);
  return loss / (static_cast<double>(batch.whole()) * batch.length);
}

// When another machine fails, the step has not been.
double FusedBackend::together(const Batch& batch, const StepSettings& settings) {
  const std::vector<CarriedTensor> carried = state_.carried;
  try {
    accumulate(batch, settings);
    reduce();
  } catch (...) {
    state_.carried = carried;
    throw;
  }
  return mean_loss(batch);
}

void FusedBackend::accumulate(const Batch& batch, const StepSettings& settings) {
  make_room(batch);
  if (batch.starts_epoch) state_.carried = zero_carried(state_.network, state_.rows);
  const RowCut cut(batch.whole());
  const Blocks own{cut.block_of(batch.first_row), cut.block_of(batch.first_row + batch.rows)};
  const bool takes_over = reduction_ != nullptr && reduction_->takes_over();
  const int wave = static_cast<int>(wave_.size());
  losses_.assign(cut.blocks, 0.0);
  for (int first = own.first; first < own.last; first += wave) {
    const Blocks blocks{first, std::min(first + wave, own.last)};
    const bool starts = first == own.first;
    run_rows(batch, settings, blocks, starts);
    if (starts && takes_over) reduction_->take_over(gradient_);
    sum_gradients(blocks.last - blocks.first, starts && !takes_over);
  }
}

void FusedBackend::reduce() {
  const TraceSpan span("reduction");
  reduction_->start(gradient_);
  reduction_->finish();
  reduction_->gather(losses_);
}

double FusedBackend::apply(const StepSettings& settings) {
  const Stopwatch stopwatch(phases_.update);
  const TraceSpan span("update");
  team_.run(gradient_jobs_.count(),
            [&](int job, int) { gradient_jobs_.square(job, gradient_.data()); });
  const double norm = std::sqrt(gradient_jobs_.sum_of_squares());
  update(settings, norm);
  return norm;
}

void FusedBackend::run_rows(const Batch& batch, const StepSettings& settings, Blocks wave,
                            bool starts) {
  const Stopwatch stopwatch(phases_.rows);
  const TraceSpan span("rows");
  const int count = wave.last - wave.first;
  std::vector<std::atomic<bool>> done(count);
  early_.assign(gradient_jobs_.count(), 0);
  // The first terms may have to wait for those of another machine.
  const bool waits = starts && reduction_ != nullptr && reduction_->takes_over();
  team_.run(count + (waits ? 0 : gradient_jobs_.count()), [&](int i, int member) {
    if (i < count) {
      run_block(batch, settings, wave.first + i, *wave_[i]);
      done[i] = true;
    } else {
      add_early(i - count, member, done, starts);
    }
  });
}

void FusedBackend::run_block(const Batch& batch, const StepSettings& settings, int block,
                             RowBlock& rows) {
  const TraceSpan span("row block", block);
  const RowCut cut(batch.whole());
  const float scale = 1.0F / (static_cast<float>(cut.rows) * static_cast<float>(batch.length));
  const DropoutKey mask{settings.seed, settings.step, 0, settings.dropout};
  rows.assign(batch, cut.first(block) - batch.first_row, cut.size(block), 0, batch.length, mask);
  rows.load_state(state_.carried);
  losses_[block] = rows.forward(packed_, scale);
  rows.save_state(state_.carried);
  rows.backward(packed_);
}

// A thread that finds no more blocks need not wait for the others': those before the first that
// still runs come first in every sum.
void FusedBackend::add_early(int job, int member, const std::vector<std::atomic<bool>>& done,
                             bool starts) {
  const auto running = std::find(done.begin(), done.end(), false);
  if (running == done.begin() || running == done.end()) return;
  const TraceSpan span("gradient products", job);
  early_[job] = static_cast<int>(running - done.begin());
  gradient_jobs_.run(job, member, std::span(wave_).first(early_[job]), starts, gradient_.data());
}

void FusedBackend::sum_gradients(int count, bool starts) {
  const Stopwatch stopwatch(phases_.gradients);
  const TraceSpan span("gradients");
  team_.run(gradient_jobs_.count(), [&](int job, int member) {
    const TraceSpan job_span("gradient products", job);
    gradient_jobs_.run(job, member, std::span(wave_).subspan(early_[job], count - early_[job]),
                       starts && early_[job] == 0, gradient_.data());
  });
}

UpdateRun FusedBackend::update_run(const StepSettings& settings, double norm) {
  const double factor = settings.clip > 0.0F ? settings.clip / (norm + 1e-6) : 1.0;
  UpdateRun run{.weights = state_.weights.data(),
                .gradient = gradient_.data(),
                .clip_factor = static_cast<float>(std::min(factor, 1.0))};
  const OptimizerRule& rule = optimizer_rule(state_.optimizer.kind);
  for (std::size_t i = 0; i < rule.slots.size(); ++i) {
    run.slots[i] = state_.slots[i].values.data();
  }
  run.decay = static_cast<float>(state_.optimizer.weight_decay * settings.learning_rate);
  run.cautious_decay = state_.optimizer.cautious_decay;
  if (state_.optimizer.ema > 0.0) {
    run.average = state_.slots.back().values.data();
    run.average_share = static_cast<float>(average_share(state_.optimizer, settings.step));
  }
  const UpdateFactors factors =
      rule.factors(state_.optimizer, settings.step, settings.learning_rate);
  std::ranges::transform(factors, run.factors, [](double x) { return static_cast<float>(x); });
  return run;
}

void FusedBackend::find_directions(const UpdateRun& run) {
  const Stopwatch stopwatch(phases_.directions);
  team_.run(directions_->count(), [&](int job, int member) {
    const TraceSpan job_span("direction", job);
    directions_->run(job, member, run);
  });
}

void FusedBackend::update(const StepSettings& settings, double norm) {
  const UpdateRun run = update_run(settings, norm);
  if (directions_) find_directions(run);
  team_.run(update_jobs_.count(), [&](int job, int) {
    const TraceSpan job_span("clip, optimiser, pack", job);
    update_jobs_.run(job, run, directions_ ? directions_->data() : nullptr, packed_);
  });
  state_.steps = settings.step;
}

Weights FusedBackend::gradients() const { return gradient_; }

std::shared_ptr<const Weights> FusedBackend::weights() const {
  return std::make_shared<const Weights>(model_weights(state_));
}

TrainState FusedBackend::state() const { return state_; }

std::unique_ptr<Scorer> FusedBackend::scorer(std::shared_ptr<const Weights> weights) const {
  return std::make_unique<FusedScorer>(geometry_, kernels_, team_.threads(), *weights);
}

std::unique_ptr<Scorer> make_fused_scorer(const NetworkShape& network,
                                          std::shared_ptr<const Weights> weights,
                                          const BackendOptions& options) {
  const Kernels& kernels = kernels_for(options.precision);
  return std::make_unique<FusedScorer>(Geometry(network, kernels.width), kernels,
                                       options.kernel_threads, *weights);
}

std::unique_ptr<FusedBackend> make_fused_backend(const TrainState& state,
                                                 const BackendOptions& options,
                                                 const Kernels& kernels) {
  return std::make_unique<FusedBackend>(state, options, kernels);
}

std::unique_ptr<Backend> make_fused_backend(const TrainState& state,
                                            const BackendOptions& options) {
  return make_fused_backend(state, options, kernels_for(options.precision));
}

}  // namespace charrnn
