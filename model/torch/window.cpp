#include "model/torch/window.h"

namespace charrnn {
namespace {

/// [B, T] symbols as an int64 tensor [T, B].
at::Tensor time_major(const std::vector<Symbol>& symbols, int rows, int length) {
  at::Tensor tensor = at::empty({length, rows}, at::kLong);
  auto* out = tensor.mutable_data_ptr<std::int64_t>();
  for (int t = 0; t < length; ++t) {
    for (int row = 0; row < rows; ++row) {
      *out++ = symbols[static_cast<std::size_t>(row) * static_cast<std::size_t>(length) +
                       static_cast<std::size_t>(t)];
    }
  }
  return tensor;
}

/// The resets before character `step`; `any` tells whether there are some.
Reset reset_at(const Batch& batch, int step, bool& any) {
  Reset reset{step, at::ones({batch.rows, 1})};
  auto* keep = reset.keep.mutable_data_ptr<float>();
  any = false;
  for (int row = 0; row < batch.rows; ++row) {
    const auto element = static_cast<std::size_t>(row) * static_cast<std::size_t>(batch.length) +
                         static_cast<std::size_t>(step);
    if (batch.resets[element] == 0) continue;
    keep[row] = 0.0F;
    any = true;
  }
  return reset;
}

}  // namespace

Window make_window(const Batch& batch) {
  Window window;
  window.inputs = time_major(batch.inputs, batch.rows, batch.length);
  window.targets = time_major(batch.targets, batch.rows, batch.length).view(-1);
  if (batch.resets.empty()) return window;
  for (int step = 0; step < batch.length; ++step) {
    bool any = false;
    Reset reset = reset_at(batch, step, any);
    if (any) window.resets.push_back(std::move(reset));
  }
  return window;
}

}  // namespace charrnn
