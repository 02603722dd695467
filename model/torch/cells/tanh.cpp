// The plain recurrent cell: see model/fused/cells/tanh.h for its formula.
#include <ATen/core/grad_mode.h>

#include "model/torch/cell_tensors.h"

namespace charrnn {
namespace {

at::Tensor run(const LayerParameters& layer, const at::Tensor& input, LayerState& state) {
  const bool training = at::GradMode::is_enabled();
  auto [output, hidden] = at::rnn_tanh(
      input, state[0].unsqueeze(0),
      {layer.weight_ih, layer.weight_hh, layer.bias_ih, layer.bias_hh}, /*has_biases=*/true,
      /*num_layers=*/1, /*dropout=*/0.0, training, /*bidirectional=*/false, /*batch_first=*/false);
  state = {hidden.squeeze(0)};
  return output;
}

at::Tensor input_table(const LayerParameters& layer) {
  return layer.weight_ih.t() + (layer.bias_ih + layer.bias_hh);
}

at::Tensor run_shares(const LayerParameters& layer, const at::Tensor& shares, LayerState& state) {
  const at::Tensor recurrent = layer.weight_hh.t();
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& step : shares.unbind(0)) {
    state[0] = at::addmm(step, state[0], recurrent).tanh();
    outputs.push_back(state[0]);
  }
  return at::stack(outputs);
}

}  // namespace

extern const CellTensors kTanhTensors{
    .run = run, .input_table = input_table, .run_shares = run_shares};

}  // namespace charrnn
