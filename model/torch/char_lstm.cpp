#include "model/torch/char_lstm.h"

#include <ATen/core/grad_mode.h>

#include <tuple>
#include <utility>

namespace charrnn {
namespace {

/// A layer's state inside a window; each [B, H].
struct LayerState {
  at::Tensor hidden;
  at::Tensor cell;

  void keep(const at::Tensor& factor) {
    hidden = hidden * factor;
    cell = cell * factor;
  }
};

/// The part [begin, end) of a flat buffer as a storage of its own over the same memory: cuDNN takes
/// a layer's weights without copying them when they fill theirs.
at::Tensor alias(const at::Tensor& flat, std::size_t begin, std::size_t end) {
  return at::from_blob(flat.mutable_data_ptr<float>() + begin,
                       {static_cast<std::int64_t>(end - begin)}, flat.options());
}

/// Takes tensors off the front of a flat buffer.
class Views {
 public:
  Views(const NetworkShape& shape, const at::Tensor& flat, const at::Tensor& gradient)
      : layout_(parameter_layout(shape)), flat_(flat), gradient_(gradient) {}

  /// The next `count` tensors.
  std::vector<at::Tensor> take(std::size_t count) {
    const TensorSpec& last = layout_[next_ + count - 1];
    const std::size_t begin = layout_[next_].offset;
    const at::Tensor part = alias(flat_, begin, last.offset + last.size);
    std::vector<at::Tensor> views;
    for (; views.size() < count; ++next_) views.push_back(view(layout_[next_], part, begin));
    return views;
  }

 private:
  at::Tensor view(const TensorSpec& tensor, const at::Tensor& part, std::size_t begin) const {
    const auto size = static_cast<std::int64_t>(tensor.size);
    at::Tensor view = part.narrow(0, static_cast<std::int64_t>(tensor.offset - begin), size)
                          .view(tensor.shape)
                          .detach();
    if (gradient_.defined()) {
      view.requires_grad_();
      view.mutable_grad() =
          gradient_.narrow(0, static_cast<std::int64_t>(tensor.offset), size).view(tensor.shape);
    }
    return view;
  }

  std::vector<TensorSpec> layout_;
  const at::Tensor& flat_;
  const at::Tensor& gradient_;
  std::size_t next_ = 0;
};

/// [T, B] symbols -> [T, B, V]; at::one_hot would make integers first.
at::Tensor expand_one_hot(const at::Tensor& symbols, std::int64_t vocabulary) {
  const at::Tensor zeros = at::zeros({symbols.size(0), symbols.size(1), vocabulary},
                                     symbols.options().dtype(at::kFloat));
  return zeros.scatter_(2, symbols.unsqueeze(2), 1.0);
}

at::Tensor run_one_hot(const LayerParameters& layer, const at::Tensor& input, LayerState& state) {
  const bool training = at::GradMode::is_enabled();
  auto [output, hidden, cell] =
      at::lstm(input, {state.hidden.unsqueeze(0), state.cell.unsqueeze(0)},
               {layer.weight_ih, layer.weight_hh, layer.bias_ih, layer.bias_hh},
               /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0, training,
               /*bidirectional=*/false, /*batch_first=*/false);
  state = {hidden.squeeze(0), cell.squeeze(0)};
  return output;
}

/// The recurrence alone: `gates` [T, B, 4H] holds the input's part of i, f, g, o and the biases.
at::Tensor run_gates(const LayerParameters& layer, const at::Tensor& gates, LayerState& state) {
  const at::Tensor recurrent = layer.weight_hh.t();
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& step : gates.unbind(0)) {
    const std::vector<at::Tensor> part = at::addmm(step, state.hidden, recurrent).chunk(4, 1);
    state.cell = part[1].sigmoid() * state.cell + part[0].sigmoid() * part[2].tanh();
    state.hidden = part[3].sigmoid() * state.cell.tanh();
    outputs.push_back(state.hidden);
  }
  return at::stack(outputs);
}

/// Calls `run(input, state)` on the stretches of a window between its resets.
template <typename Run>
at::Tensor run_between_resets(const at::Tensor& input, const std::vector<Reset>& resets,
                              LayerState& state, const Run& run) {
  if (resets.empty()) return run(input, state);
  std::vector<at::Tensor> outputs;
  std::int64_t from = 0;
  const auto run_until = [&](std::int64_t to) {
    if (to > from) outputs.push_back(run(input.slice(0, from, to), state));
    from = to;
  };
  for (const Reset& reset : resets) {
    run_until(reset.step);
    state.keep(reset.keep);
  }
  run_until(input.size(0));
  return at::cat(outputs);
}

at::Tensor run_layer(const LayerParameters& layer, const at::Tensor& input,
                     const std::vector<Reset>& resets, LayerState& state) {
  return run_between_resets(input, resets, state, [&](const at::Tensor& stretch, LayerState& now) {
    return run_one_hot(layer, stretch, now);
  });
}

at::Tensor run_first_layer(const LayerParameters& layer, const Window& window, LayerState& state,
                           FirstLayer way) {
  const std::int64_t vocabulary = layer.weight_ih.size(1);
  if (way == FirstLayer::kOneHot) {
    const at::Tensor input = expand_one_hot(window.inputs, vocabulary);
    return run_layer(layer, input, window.resets, state);
  }
  const at::Tensor table = layer.weight_ih.t() + (layer.bias_ih + layer.bias_hh);
  const at::Tensor gates = at::embedding(table, window.inputs);
  return run_between_resets(
      gates, window.resets, state,
      [&](const at::Tensor& stretch, LayerState& now) { return run_gates(layer, stretch, now); });
}

}  // namespace

NetworkParameters view_parameters(const NetworkShape& shape, const at::Tensor& flat,
                                  const at::Tensor& gradient) {
  Views views(shape, flat, gradient);
  NetworkParameters parameters;
  for (int layer = 0; layer < shape.layers; ++layer) {
    const auto tensors = views.take(4);
    parameters.layers.push_back({tensors[0], tensors[1], tensors[2], tensors[3]});
  }
  const auto tensors = views.take(2);
  parameters.fc_weight = tensors[0];
  parameters.fc_bias = tensors[1];
  return parameters;
}

CarriedState zero_state(const NetworkShape& shape, std::int64_t rows, at::Device device) {
  const auto options = at::TensorOptions(at::kFloat).device(device);
  const std::vector<std::int64_t> size{shape.layers, rows, shape.hidden};
  return {at::zeros(size, options), at::zeros(size, options)};
}

at::Tensor forward(const NetworkParameters& parameters, const Window& window, CarriedState& state,
                   const std::vector<at::Tensor>& masks, FirstLayer first_layer) {
  std::vector<at::Tensor> hidden;
  std::vector<at::Tensor> cell;
  at::Tensor output;
  for (std::size_t i = 0; i < parameters.layers.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    LayerState now{state.hidden[index], state.cell[index]};
    output = i == 0 ? run_first_layer(parameters.layers[i], window, now, first_layer)
                    : run_layer(parameters.layers[i], output, window.resets, now);
    if (!masks.empty()) output = output * masks[i];
    hidden.push_back(now.hidden.detach());
    cell.push_back(now.cell.detach());
  }
  state = {at::stack(hidden), at::stack(cell)};
  const at::Tensor rows = output.reshape({-1, output.size(2)});
  return at::linear(rows, parameters.fc_weight, parameters.fc_bias);
}

}  // namespace charrnn
