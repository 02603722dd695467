#include "model/fused/gradient_jobs.h"

#include <algorithm>

namespace charrnn {
namespace {

/// Rows x time steps that are added at once, for each float of a vector: their gates stay in the L2
/// cache for every product that they are part of.
constexpr int kTermsAtOnce = 24;

bool lacks_input(const CellTile& tile) { return tile.input_gate == CellTile::kNone; }

}  // namespace

GradientJobs::GradientJobs(const Geometry& geometry, const Kernels& kernels, int members)
    : geometry_(geometry),
      kernels_(kernels),
      cell_(describe(geometry.shape.cell)),
      tensors_(geometry.shape) {
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
    // fc's jobs sum two groups.
    const std::ptrdiff_t rows = std::max(geometry.tiles, 2) * geometry.width;
    sums_.push_back({AlignedBuffer(geometry.group_gates() * columns),
                     AlignedBuffer(rows * geometry.units()), AlignedBuffer(rows)});
  }
}

void GradientJobs::run(int job, int member, std::span<const std::unique_ptr<RowBlock>> blocks,
                       bool starts, float* gradient) {
  Sums& sums = sums_[member];
  begin(jobs_[job], sums, starts ? nullptr : gradient);
  for (const auto& block : blocks) add_block(jobs_[job], sums, *block);
  finish(jobs_[job], sums, gradient);
}

void GradientJobs::begin(const Job& job, Sums& sums, const float* gradient) const {
  for (AlignedBuffer* sum : {&sums.input, &sums.recurrent, &sums.bias}) {
    std::fill_n(sum->data(), sum->size(), 0.0F);
  }
  if (gradient == nullptr) return;
  const std::vector<TileRows> weights = weights_of(job);
  load(weights.back(), gradient, sums.recurrent.data());
  if (job.layer == 0) {
    load_inputs(job, gradient, sums);
    return;
  }
  if (!is_head(job)) load(weights.front(), gradient, sums.input.data());
  for (const TileRows& bias : biases_of(job)) load_bias(bias, gradient, sums.bias.data());
}

void GradientJobs::add_block(const Job& job, Sums& sums, const RowBlock& block) const {
  const int at_once = std::max(1, kTermsAtOnce * geometry_.width / block.rows());
  for (int first = 0; first < block.steps(); first += at_once) {
    const int steps = std::min(at_once, block.steps() - first);
    if (is_head(job)) {
      add_symbols(job, sums, block, first, steps);
    } else {
      add_gates(job, sums, block, first, steps);
    }
  }
}

void GradientJobs::add_gates(const Job& job, Sums& sums, const RowBlock& block, int first,
                             int steps) const {
  const std::ptrdiff_t units = geometry_.unit_step(block.rows());
  const std::ptrdiff_t gate_step = geometry_.gate_step(block.rows());
  const float* gates =
      block.gates(job.layer, first) + job.group * block.rows() * geometry_.group_gates();
  OuterProduct outer{.rows = block.rows(),
                     .steps = steps,
                     .next_steps = std::min(steps, block.steps() - first - steps),
                     .a = gates,
                     .a_tiles = geometry_.tiles,
                     .a_step = gate_step,
                     .b = block.hidden_before(job.layer, first),
                     .b_groups = geometry_.groups,
                     .b_step = units,
                     .c = sums.recurrent.data()};
  kernels_.outer_product(outer);
  ColumnSums columns{.rows = block.rows(),
                     .steps = steps,
                     .a = gates,
                     .a_tiles = geometry_.tiles,
                     .a_step = gate_step};
  if (job.layer == 0) {
    // A tile without rows in W_ih has its bias alone.
    if (std::ranges::any_of(cell_.tiles, lacks_input)) {
      columns.sums = sums.bias.data();
      kernels_.column_sums(columns);
    }
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
  const std::vector<TileRows> weights = weights_of(job);
  save(weights.back(), sums.recurrent.data(), gradient);
  if (job.layer == 0) {
    save_inputs(weights.front(), sums, gradient);
  } else if (!is_head(job)) {
    save(weights.front(), sums.input.data(), gradient);
  }
  for (const TileRows& bias : biases_of(job)) save_bias(bias, sums.bias.data(), gradient);
}

GradientJobs::TileRows GradientJobs::head_rows(const Job& job, const TensorSpec& tensor) const {
  const int columns = tensor.is_matrix() ? static_cast<int>(tensor.shape[1]) : 1;
  const int first = job.group * geometry_.width;
  return {.offset = static_cast<std::ptrdiff_t>(tensor.offset) +
                    static_cast<std::ptrdiff_t>(first) * columns,
          .runs = 1,
          .count = std::min(2 * geometry_.width, geometry_.shape.vocabulary - first),
          .stride = 0,
          .columns = columns,
          .tiles = {}};
}

GradientJobs::TileRows GradientJobs::gate_rows(const Job& job, const TensorSpec& tensor,
                                               int CellTile::*gate) const {
  const int hidden = geometry_.shape.hidden;
  const int columns = tensor.is_matrix() ? static_cast<int>(tensor.shape[1]) : 1;
  const int first = job.group * geometry_.width;
  TileRows rows{.offset = static_cast<std::ptrdiff_t>(tensor.offset) +
                          static_cast<std::ptrdiff_t>(first) * columns,
                .runs = cell_.gate_count(),
                .count = std::min(geometry_.width, hidden - first),
                .stride = hidden,
                .columns = columns,
                .tiles = {}};
  for (int tile = 0; tile < cell_.tile_count(); ++tile) {
    const int run = cell_.tiles[tile].*gate;
    if (run != CellTile::kNone) rows.tiles[run] = tile;
  }
  return rows;
}

std::vector<GradientJobs::TileRows> GradientJobs::weights_of(const Job& job) const {
  if (is_head(job)) return {head_rows(job, tensors_.head_weight)};
  const LayerTensors& layer = tensors_.layers[job.layer];
  return {gate_rows(job, layer.weight_ih, &CellTile::input_gate),
          gate_rows(job, layer.weight_hh, &CellTile::recurrent_gate)};
}

std::vector<GradientJobs::TileRows> GradientJobs::biases_of(const Job& job) const {
  if (is_head(job)) return {head_rows(job, tensors_.head_bias)};
  const LayerTensors& layer = tensors_.layers[job.layer];
  return {gate_rows(job, layer.bias_ih, &CellTile::input_gate),
          gate_rows(job, layer.bias_hh, &CellTile::recurrent_gate)};
}

void GradientJobs::load(const TileRows& rows, const float* gradient, float* sums) const {
  for (int run = 0; run < rows.runs; ++run) {
    float* to = sums + rows.tiles[run] * geometry_.width * geometry_.units();
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(gradient + rows.offset + (run * rows.stride + i) * rows.columns, rows.columns,
                  to + i * geometry_.units());
    }
  }
}

void GradientJobs::save(const TileRows& rows, const float* sums, float* gradient) const {
  for (int run = 0; run < rows.runs; ++run) {
    const float* from = sums + rows.tiles[run] * geometry_.width * geometry_.units();
    for (int i = 0; i < rows.count; ++i) {
      std::copy_n(from + i * geometry_.units(), rows.columns,
                  gradient + rows.offset + (run * rows.stride + i) * rows.columns);
    }
  }
}

void GradientJobs::load_bias(const TileRows& rows, const float* gradient, float* sums) const {
  for (int run = 0; run < rows.runs; ++run) {
    std::copy_n(gradient + rows.offset + run * rows.stride, rows.count,
                sums + rows.tiles[run] * geometry_.width);
  }
}

void GradientJobs::save_bias(const TileRows& rows, const float* sums, float* gradient) const {
  for (int run = 0; run < rows.runs; ++run) {
    std::copy_n(sums + rows.tiles[run] * geometry_.width, rows.count,
                gradient + rows.offset + run * rows.stride);
  }
}

/// Layer 0's input sums have a row for each symbol: W_ih's rows are their columns.
void GradientJobs::load_inputs(const Job& job, const float* gradient, Sums& sums) const {
  load_bias(biases_of(job).back(), gradient, sums.bias.data());
  const TileRows rows = weights_of(job).front();
  const std::ptrdiff_t row_size = geometry_.group_gates();
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      const float* row = gradient + rows.offset + (run * rows.stride + i) * rows.columns;
      float* column = sums.input.data() + rows.tiles[run] * geometry_.width + i;
      for (int v = 0; v < rows.columns; ++v) column[v * row_size] = row[v];
    }
  }
}

/// Every character adds to one row only, so the bias's gradient is the sum of the rows, where
/// a tile has some.
void GradientJobs::save_inputs(const TileRows& rows, Sums& sums, float* gradient) const {
  const std::ptrdiff_t row_size = geometry_.group_gates();
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    if (lacks_input(cell_.tiles[tile])) continue;
    float* bias = sums.bias.data() + static_cast<std::ptrdiff_t>(tile) * geometry_.width;
    const float* input = sums.input.data() + (bias - sums.bias.data());
    std::fill_n(bias, geometry_.width, 0.0F);
    for (int v = 0; v < rows.columns; ++v, input += row_size) {
      for (int m = 0; m < geometry_.width; ++m) bias[m] += input[m];
    }
  }
  for (int run = 0; run < rows.runs; ++run) {
    for (int i = 0; i < rows.count; ++i) {
      float* row = gradient + rows.offset + (run * rows.stride + i) * rows.columns;
      const float* column = sums.input.data() + rows.tiles[run] * geometry_.width + i;
      for (int v = 0; v < rows.columns; ++v) row[v] = column[v * row_size];
    }
  }
}

void GradientJobs::square(int job, const float* gradient) {
  Job& work = jobs_[job];
  work.squares = 0.0;
  for (const auto& tensors : {weights_of(work), biases_of(work)}) {
    for (const TileRows& rows : tensors) {
      for (int run = 0; run < rows.runs; ++run) {
        work.squares +=
            kernels_.sum_of_squares(gradient + rows.offset + run * rows.stride * rows.columns,
                                    static_cast<std::size_t>(rows.count) * rows.columns);
      }
    }
  }
}

double GradientJobs::sum_of_squares() const {
  double sum = 0.0;
  for (const Job& job : jobs_) sum += job.squares;
  return sum;
}

}  // namespace charrnn
