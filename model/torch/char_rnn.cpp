#include "model/torch/char_rnn.h"

#include <tuple>
#include <utility>

namespace charrnn {
namespace {

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
    for (at::Tensor& values : state) values = values * reset.keep;
  }
  run_until(input.size(0));
  return at::cat(outputs);
}

at::Tensor run_layer(const CellTensors& cell, const LayerParameters& layer, const at::Tensor& input,
                     const std::vector<Reset>& resets, LayerState& state) {
  return run_between_resets(input, resets, state, [&](const at::Tensor& part, LayerState& now) {
    return cell.run(layer, part, now);
  });
}

at::Tensor run_first_layer(const CellTensors& cell, const LayerParameters& layer,
                           const Window& window, LayerState& state, FirstLayer way) {
  if (way == FirstLayer::kOneHot) {
    const at::Tensor input = expand_one_hot(window.inputs, layer.weight_ih.size(1));
    return run_layer(cell, layer, input, window.resets, state);
  }
  const at::Tensor shares = at::embedding(cell.input_table(layer), window.inputs);
  return run_between_resets(
      shares, window.resets, state,
      [&](const at::Tensor& part, LayerState& now) { return cell.run_shares(layer, part, now); });
}

}  // namespace

NetworkParameters view_parameters(const NetworkShape& shape, const at::Tensor& flat,
                                  const at::Tensor& gradient) {
  Views views(shape, flat, gradient);
  NetworkParameters parameters;
  parameters.cell = shape.cell;
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
  CarriedState state;
  for (int i = 0; i < describe(shape.cell).state_count(); ++i) {
    state.push_back(at::zeros({shape.layers, rows, shape.hidden}, options));
  }
  return state;
}

at::Tensor forward(const NetworkParameters& parameters, const Window& window, CarriedState& state,
                   const std::vector<at::Tensor>& masks, FirstLayer first_layer) {
  const CellTensors& cell = cell_tensors(parameters.cell);
  std::vector<std::vector<at::Tensor>> after(state.size());  // [state][layer]
  at::Tensor output;
  for (std::size_t i = 0; i < parameters.layers.size(); ++i) {
    const LayerParameters& layer = parameters.layers[i];
    LayerState now;
    for (const at::Tensor& all : state) now.push_back(all[static_cast<std::int64_t>(i)]);
    output = i == 0 ? run_first_layer(cell, layer, window, now, first_layer)
                    : run_layer(cell, layer, output, window.resets, now);
    if (!masks.empty()) output = output * masks[i];
    for (std::size_t k = 0; k < now.size(); ++k) after[k].push_back(now[k].detach());
  }
  for (std::size_t k = 0; k < state.size(); ++k) state[k] = at::stack(after[k]);
  const at::Tensor rows = output.reshape({-1, output.size(2)});
  return at::linear(rows, parameters.fc_weight, parameters.fc_bias);
}

}  // namespace charrnn
