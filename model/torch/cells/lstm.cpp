// The LSTM cell: see model/fused/cells/lstm.h for its formulas.
#include <ATen/core/grad_mode.h>

#include "model/torch/cell_tensors.h"

namespace charrnn {
namespace {

at::Tensor run(const LayerParameters& layer, const at::Tensor& input, LayerState& state) {
  const bool training = at::GradMode::is_enabled();
  auto [output, hidden, cell] =
      at::lstm(input, {state[0].unsqueeze(0), state[1].unsqueeze(0)},
               {layer.weight_ih, layer.weight_hh, layer.bias_ih, layer.bias_hh},
               /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0, training,
               /*bidirectional=*/false, /*batch_first=*/false);
  state = {hidden.squeeze(0), cell.squeeze(0)};
  return output;
}

at::Tensor input_table(const LayerParameters& layer) {
  return layer.weight_ih.t() + (layer.bias_ih + layer.bias_hh);
}

at::Tensor run_shares(const LayerParameters& layer, const at::Tensor& shares, LayerState& state) {
  const at::Tensor recurrent = layer.weight_hh.t();
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& step : shares.unbind(0)) {
    const std::vector<at::Tensor> gates = at::addmm(step, state[0], recurrent).chunk(4, 1);
    state[1] = gates[1].sigmoid() * state[1] + gates[0].sigmoid() * gates[2].tanh();
    state[0] = gates[3].sigmoid() * state[1].tanh();
    outputs.push_back(state[0]);
  }
  return at::stack(outputs);
}

}  // namespace

extern const CellTensors kLstmTensors{
    .run = run, .input_table = input_table, .run_shares = run_shares};

}  // namespace charrnn
