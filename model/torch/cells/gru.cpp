// The GRU cell: see model/fused/cells/gru.h for its formulas.
#include <ATen/core/grad_mode.h>

#include "model/torch/cell_tensors.h"

namespace charrnn {
namespace {

at::Tensor run(const LayerParameters& layer, const at::Tensor& input, LayerState& state) {
  const bool training = at::GradMode::is_enabled();
  auto [output, hidden] = at::gru(
      input, state[0].unsqueeze(0),
      {layer.weight_ih, layer.weight_hh, layer.bias_ih, layer.bias_hh}, /*has_biases=*/true,
      /*num_layers=*/1, /*dropout=*/0.0, training, /*bidirectional=*/false, /*batch_first=*/false);
  state = {hidden.squeeze(0)};
  return output;
}

// The recurrent biases stay out: the new gate's is scaled by the reset gate.
at::Tensor input_table(const LayerParameters& layer) { return layer.weight_ih.t() + layer.bias_ih; }

at::Tensor run_shares(const LayerParameters& layer, const at::Tensor& shares, LayerState& state) {
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& step : shares.unbind(0)) {
    const std::vector<at::Tensor> input = step.chunk(3, 1);
    const std::vector<at::Tensor> recurrent =
        at::linear(state[0], layer.weight_hh, layer.bias_hh).chunk(3, 1);
    const at::Tensor reset = (input[0] + recurrent[0]).sigmoid();
    const at::Tensor update = (input[1] + recurrent[1]).sigmoid();
    const at::Tensor proposal = (input[2] + reset * recurrent[2]).tanh();
    state[0] = proposal + update * (state[0] - proposal);
    outputs.push_back(state[0]);
  }
  return at::stack(outputs);
}

}  // namespace

extern const CellTensors kGruTensors{
    .run = run, .input_table = input_table, .run_shares = run_shares};

}  // namespace charrnn
