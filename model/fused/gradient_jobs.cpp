#include "model/fused/gradient_jobs.h"

#include <algorithm>

namespace charrnn {
namespace {

/// Rows x time steps that are added at once, for each float of a vector: their gates stay in the L2
/// cache for every product that they are part of.
constexpr int kTermsAtOnce = 24;

}  // namespace

GradientJobs::GradientJobs(const Geometry& geometry, const Kernels& kernels, int members)
    : geometry_(geometry), kernels_(kernels), layout_(parameter_layout(geometry.shape)) {
  const NetworkShape& shape = geometry.shape;
  for (int layer = shape.layers - 1; layer >= 0; --layer) {
    for (int group = 0; group * geometry.width < shape.hidden; ++group) {
      jobs_.push_back({layer, group});
    }
  }
  for (int group = 0; group * geometry.width < shape.vocabulary; group += 2) {
    jobs_.push_back({shape.layers, group});
  }
  const std::ptrdiff_t columns = std::max<std::ptrdiff_t>(geometry.units(), shape.vocabulary);
  for (int i = 0; i < members; ++i) {
    sums_.push_back({AlignedBuffer(4 * geometry.width * columns),
                     AlignedBuffer(4 * geometry.width * geometry.units()),
                     AlignedBuffer(4 * geometry.width)});
  }
}

void GradientJobs::run(int job, int member, std::span<const std::unique_ptr<RowBlock>> blocks,
                       bool starts, bool ends, float* gradient) {
  Job& work = jobs_[job];
  Sums& sums = sums_[member];
  begin(work, sums, starts ? nullptr : gradient);
  for (const auto& block : blocks) add_block(work, sums, *block);
  finish(work, sums, gradient);
  if (ends) work.squares = squares_of(work, gradient);
}

void GradientJobs::begin(const Job& job, Sums& sums, const float* gradient) const {
  for (AlignedBuffer* sum : {&sums.input, &sums.recurrent, &sums.bias}) {
    std::fill_n(sum->data(), sum->size(), 0.0F);
  }
  if (gradient == nullptr) return;
  if (job.layer == geometry_.shape.layers) {
    load(rows_of(job, 0), gradient, sums.recurrent.data());
    std::copy_n(gradient + rows_of(job, 1).offset, rows_of(job, 1).count, sums.bias.data());
    return;
  }
  load(rows_of(job, 1), gradient, sums.recurrent.data());
  if (job.layer == 0) {
    load_inputs(rows_of(job, 0), gradient, sums);
    return;
  }
  load(rows_of(job, 0), gradient, sums.input.data());
  const TileRows bias = rows_of(job, 2);
  for (int run = 0; run < bias.runs; ++run) {
    std::copy_n(gradient + bias.offset + run * bias.stride, bias.count,
                sums.bias.data() + run * geometry_.width);
  }
}

void GradientJobs::add_block(const Job& job, Sums& sums, const RowBlock& block) const {
  const int at_once = std::max(1, kTermsAtOnce * geometry_.width / block.rows());
  for (int first = 0; first < block.steps(); first += at_once) {
    const int steps = std::min(at_once, block.steps() - first);
    if (job.layer == geometry_.shape.layers) {
      add_symbols(job, sums, block, first, steps);
    } else {
      add_gates(job, sums, block, first, steps);
    }
  }
}

void GradientJobs::add_gates(const Job& job, Sums& sums, const RowBlock& block, int first,
                             int steps) const {
  const std::ptrdiff_t units = geometry_.unit_step(block.rows());
  const float* gates = block.gates(job.layer, first) +
                       static_cast<std::ptrdiff_t>(job.group) * block.rows() * 4 * geometry_.width;
  OuterProduct outer{.rows = block.rows(),
                     .steps = steps,
                     .next_steps = std::min(steps, block.steps() - first - steps),
                     .a = gates,
                     .a_gates = true,
                     .a_step = 4 * units,
                     .b = block.hidden_before(job.layer, first),
                     .b_groups = geometry_.groups,
                     .b_step = units,
                     .c = sums.recurrent.data()};
  kernels_.outer_product(outer);
  ColumnSums columns{
      .rows = block.rows(), .steps = steps, .a = gates, .a_gates = true, .a_step = 4 * units};
  if (job.layer == 0) {
    columns.symbols = block.inputs() + static_cast<std::ptrdiff_t>(first) * block.rows();
    columns.sums = sums.input.data();
  } else {
    outer.next_steps = 0;
    outer.b = block.output(job.layer - 1, first);
    outer.c = sums.input.data();
    kernels_.outer_product(outer);
    columns.sums = sums.bias.data();
  }
  kernels_.column_sums(columns);
}

void GradientJobs::add_symbols(const Job& job, Sums& sums, const RowBlock& block, int first,
                               int steps) const {
  const int width = geometry_.width;
  const std::ptrdiff_t step = geometry_.score_step(block.rows());
  for (int half = 0; half < 2; ++half) {
    const float* scores =
        block.scores(first) + static_cast<std::ptrdiff_t>(job.group + half) * block.rows() * width;
    kernels_.outer_product({.rows = block.rows(),
                            .steps = steps,
                            .a = scores,
                            .a_step = step,
                            .b = block.output(geometry_.shape.layers - 1, first),
                            .b_groups = geometry_.groups,
                            .b_step = geometry_.unit_step(block.rows()),
                            .c = sums.recurrent.data() + half * width * geometry_.units()});
    kernels_.column_sums({.rows = block.rows(),
                          .steps = steps,
                          .a = scores,
                          .a_step = step,
                          .sums = sums.bias.data() + half * width});
  }
}

void GradientJobs::finish(const Job& job, Sums& sums, float* gradient) const {
  if (job.layer == geometry_.shape.layers) {
    save(rows_of(job, 0), sums.recurrent.data(), gradient);
    std::copy_n(sums.bias.data(), rows_of(job, 1).count, gradient + rows_of(job, 1).offset);
    return;
  }
  save(rows_of(job, 1), sums.recurrent.data(), gradient);
  if (job.layer == 0) {
    save_inputs(rows_of(job, 0), sums, gradient);
  } else {
    save(rows_of(job, 0), sums.input.data(), gradient);
  }
  for (const int tensor : {2, 3}) {
    const TileRows bias = rows_of(job, tensor);
    for (int run = 0; run < bias.runs; ++run) {
      std::copy_n(sums.bias.data() + run * geometry_.width, bias.count,
                  gradient + bias.offset + run * bias.stride);
    }
  }
}

GradientJobs::TileRows GradientJobs::rows_of(const Job& job, int tensor) const {
  const bool gates = job.layer < geometry_.shape.layers;
  const int size = gates ? geometry_.shape.hidden : geometry_.shape.vocabulary;
  const TensorSpec& spec = layout_[4 * job.layer + tensor];
  const int columns = spec.shape.size() == 1 ? 1 : static_cast<int>(spec.shape[1]);
  const int first = job.group * geometry_.width;
  const int most = gates ? geometry_.width : 2 * geometry_.width;
  return {static_cast<std::ptrdiff_t>(spec.offset) + static_cast<std::ptrdiff_t>(first) * columns,
          gates ? 4 : 1, std::min(most, size - first), size, columns};
}

void GradientJobs::load(const TileRows& rows, const float* gradient, float* sums) const {
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(gradient + rows.offset + (run * rows.stride + i) * rows.columns, rows.columns,
                  sums + (run * geometry_.width + i) * geometry_.units());
    }
  }
}

void GradientJobs::save(const TileRows& rows, const float* sums, float* gradient) const {
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(sums + (run * geometry_.width + i) * geometry_.units(), rows.columns,
                  gradient + rows.offset + (run * rows.stride + i) * rows.columns);
    }
  }
}

/// Layer 0's input sums have a row for each symbol: W_ih's rows are their columns.
void GradientJobs::load_inputs(const TileRows& rows, const float* gradient, Sums& sums) const {
  const int tile = 4 * geometry_.width;
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      const float* row = gradient + rows.offset + (run * rows.stride + i) * rows.columns;
      float* column = sums.input.data() + run * geometry_.width + i;
      for (int v = 0; v < rows.columns; ++v) column[v * tile] = row[v];
    }
  }
}

/// Every character adds to one row only, so the bias's gradient is the sum of the rows.
void GradientJobs::save_inputs(const TileRows& rows, Sums& sums, float* gradient) const {
  const int tile = 4 * geometry_.width;
  std::fill_n(sums.bias.data(), tile, 0.0F);
  for (int v = 0; v < rows.columns; ++v) {
    for (int m = 0; m < tile; ++m) sums.bias.data()[m] += sums.input.data()[v * tile + m];
  }
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      float* row = gradient + rows.offset + (run * rows.stride + i) * rows.columns;
      const float* column = sums.input.data() + run * geometry_.width + i;
      for (int v = 0; v < rows.columns; ++v) row[v] = column[v * tile];
    }
  }
}

double GradientJobs::squares_of(const Job& job, const float* gradient) const {
  double sum = 0.0;
  const int tensors = job.layer == geometry_.shape.layers ? 2 : 4;
  for (int tensor = 0; tensor < tensors; ++tensor) {
    const TileRows rows = rows_of(job, tensor);
    for (int run = 0; run < rows.runs; ++run) {
      sum += kernels_.sum_of_squares(gradient + rows.offset + run * rows.stride * rows.columns,
                                     static_cast<std::size_t>(rows.count) * rows.columns);
    }
  }
  return sum;
}

double GradientJobs::sum_of_squares() const {
  double sum = 0.0;
  for (const Job& job : jobs_) sum += job.squares;
  return sum;
}

}  // namespace charrnn
