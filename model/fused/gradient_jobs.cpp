#include "model/fused/gradient_jobs.h"

#include <algorithm>

namespace charrnn {

GradientJobs::GradientJobs(const Geometry& geometry, const Kernels& kernels, int members)
    : geometry_(geometry), kernels_(kernels), layout_(parameter_layout(geometry.shape)) {
  const NetworkShape& shape = geometry.shape;
  const int used_groups = (shape.hidden + geometry.width - 1) / geometry.width;
  for (int layer = shape.layers - 1; layer >= 0; --layer) {
    for (int group = 0; group < used_groups; ++group) jobs_.push_back({layer, group});
  }
  for (int group = 0; group * geometry.width < shape.vocabulary; ++group) {
    jobs_.push_back({shape.layers, group});
  }
  const std::ptrdiff_t columns = std::max<std::ptrdiff_t>(geometry.units(), shape.vocabulary);
  for (int i = 0; i < members; ++i) scratch_.emplace_back(4 * geometry.width * columns);
}

void GradientJobs::run(int job, int member, std::span<const RowBlock* const> blocks, bool starts,
                       bool ends, float* gradient) {
  Job& work = jobs_[job];
  float* scratch = scratch_[member].data();
  if (work.layer == geometry_.shape.layers) {
    sum_symbols(work, scratch, blocks, starts, gradient);
  } else {
    sum_layer(work, scratch, blocks, starts, ends, gradient);
  }
  if (ends) work.squares = squares_of(work, gradient);
}

GradientJobs::TileRows GradientJobs::rows_of(const Job& job, int tensor) const {
  const bool gates = job.layer < geometry_.shape.layers;
  const int size = gates ? geometry_.shape.hidden : geometry_.shape.vocabulary;
  const TensorSpec& spec = layout_[4 * job.layer + tensor];
  const int columns = spec.shape.size() == 1 ? 1 : static_cast<int>(spec.shape[1]);
  const int first = job.group * geometry_.width;
  return {static_cast<std::ptrdiff_t>(spec.offset) + static_cast<std::ptrdiff_t>(first) * columns,
          gates ? 4 : 1, std::min(geometry_.width, size - first), size, columns};
}

void GradientJobs::load(const TileRows& rows, const float* gradient, float* tile, bool zero) const {
  std::fill_n(tile, rows.runs * geometry_.width * geometry_.units(), 0.0F);
  if (zero) return;
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(gradient + rows.offset + (run * rows.stride + i) * rows.columns, rows.columns,
                  tile + (run * geometry_.width + i) * geometry_.units());
    }
  }
}

void GradientJobs::save(const TileRows& rows, const float* tile, float* gradient) const {
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(tile + (run * geometry_.width + i) * geometry_.units(), rows.columns,
                  gradient + rows.offset + (run * rows.stride + i) * rows.columns);
    }
  }
}

void GradientJobs::sum_layer(const Job& job, float* scratch,
                             std::span<const RowBlock* const> blocks, bool starts, bool ends,
                             float* gradient) {
  for (int tensor = job.layer == 0 ? 1 : 0; tensor < 2; ++tensor) {
    const TileRows rows = rows_of(job, tensor);
    load(rows, gradient, scratch, starts);
    for (const RowBlock* block : blocks) {
      const std::ptrdiff_t units = geometry_.unit_step(block->rows());
      const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(block->rows()) * 4 * geometry_.width;
      kernels_.outer_product(
          {.rows = block->rows(),
           .steps = block->steps(),
           .a = block->gates(job.layer, 0) + job.group * tile,
           .a_gates = true,
           .a_step = 4 * units,
           .b = tensor == 0 ? block->output(job.layer - 1, 0) : block->hidden_before(job.layer, 0),
           .b_groups = geometry_.groups,
           .b_step = units,
           .c = scratch});
    }
    save(rows, scratch, gradient);
  }
  if (job.layer == 0) {
    sum_inputs(job, scratch, blocks, starts, ends, gradient);
  } else {
    sum_bias(job, scratch, blocks, starts, gradient);
  }
}

void GradientJobs::sum_inputs(const Job& job, float* scratch,
                              std::span<const RowBlock* const> blocks, bool starts, bool ends,
                              float* gradient) {
  // One row for each symbol: the transpose of W_ih's rows. Their sum is the bias's gradient.
  const TileRows rows = rows_of(job, 0);
  const int tile = 4 * geometry_.width, symbols = geometry_.shape.vocabulary;
  const auto row_at = [&](int run, int i) {
    return gradient + rows.offset + (run * rows.stride + i) * rows.columns;
  };
  std::fill_n(scratch, static_cast<std::ptrdiff_t>(symbols) * tile, 0.0F);
  for (int m = 0; !starts && m < tile; ++m) {
    if (m % geometry_.width >= rows.count) continue;
    const float* row = row_at(m / geometry_.width, m % geometry_.width);
    for (int v = 0; v < symbols; ++v) scratch[v * tile + m] = row[v];
  }
  for (const RowBlock* block : blocks) {
    kernels_.gate_sums({.rows = block->rows(),
                        .steps = block->steps(),
                        .gates = block->gates(job.layer, 0) +
                                 static_cast<std::ptrdiff_t>(job.group) * block->rows() * tile,
                        .step = geometry_.gate_step(block->rows()),
                        .symbols = block->inputs(),
                        .sums = scratch});
  }
  const TileRows bias = rows_of(job, 2);
  const std::ptrdiff_t second = layout_[3].offset - layout_[2].offset;
  for (int m = 0; m < tile; ++m) {
    const int run = m / geometry_.width, i = m % geometry_.width;
    if (i >= rows.count) continue;
    float sum = 0.0F;
    for (int v = 0; v < symbols; ++v) {
      row_at(run, i)[v] = scratch[v * tile + m];
      sum += scratch[v * tile + m];
    }
    float* b = gradient + bias.offset + run * bias.stride + i;
    if (ends) b[0] = b[second] = sum;
  }
}

void GradientJobs::sum_bias(const Job& job, float* scratch, std::span<const RowBlock* const> blocks,
                            bool starts, float* gradient) {
  const TileRows rows = rows_of(job, 2);
  const int width = geometry_.width;
  const std::ptrdiff_t second = layout_[3].offset - layout_[2].offset;
  std::fill_n(scratch, 4 * width, 0.0F);
  for (int run = 0; !starts && run < 4; ++run) {
    std::copy_n(gradient + rows.offset + run * rows.stride, rows.count, scratch + run * width);
  }
  for (const RowBlock* block : blocks) {
    kernels_.gate_sums({.rows = block->rows(),
                        .steps = block->steps(),
                        .gates = block->gates(job.layer, 0) +
                                 static_cast<std::ptrdiff_t>(job.group) * block->rows() * 4 * width,
                        .step = geometry_.gate_step(block->rows()),
                        .sums = scratch});
  }
  for (int run = 0; run < 4; ++run) {
    float* b = gradient + rows.offset + run * rows.stride;
    std::copy_n(scratch + run * width, rows.count, b);
    std::copy_n(scratch + run * width, rows.count, b + second);
  }
}

void GradientJobs::sum_symbols(const Job& job, float* scratch,
                               std::span<const RowBlock* const> blocks, bool starts,
                               float* gradient) {
  const TileRows rows = rows_of(job, 0), bias = rows_of(job, 1);
  load(rows, gradient, scratch, starts);
  if (starts) std::fill_n(gradient + bias.offset, bias.count, 0.0F);
  for (const RowBlock* block : blocks) {
    const std::ptrdiff_t tile =
        static_cast<std::ptrdiff_t>(job.group) * block->rows() * geometry_.width;
    kernels_.outer_product({.rows = block->rows(),
                            .steps = block->steps(),
                            .a = block->scores(0) + tile,
                            .a_step = geometry_.score_step(block->rows()),
                            .b = block->output(job.layer - 1, 0),
                            .b_groups = geometry_.groups,
                            .b_step = geometry_.unit_step(block->rows()),
                            .c = scratch});
    for (int t = 0; t < block->steps(); ++t) {
      for (int row = 0; row < block->rows(); ++row) {
        const float* scores = block->scores(t) + tile + row * geometry_.width;
        for (int i = 0; i < bias.count; ++i) gradient[bias.offset + i] += scores[i];
      }
    }
  }
  save(rows, scratch, gradient);
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
