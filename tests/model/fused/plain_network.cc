#include "tests/model/fused/plain_network.h"

#include "base/counter_rng.h"
#include "model/dropout.h"
#include "tests/model/fused/plain_cell.h"

namespace charrnn {
namespace {

using Values = std::vector<double>;

/// Everything that one layer's backward pass needs, [T, B, H] each.
struct LayerTrace {
  Values input;  ///< [T, B, I]
  std::vector<PlainSums> sums;
  std::vector<PlainStates> before;
  Values hidden_before, hidden;
  Values mask;
};

class PlainStep {
 public:
  PlainStep(const NetworkShape& shape, const Values& weights, const PlainInput& input)
      : shape_(shape),
        w_(weights),
        in_(input),
        cell_(describe(shape.cell)),
        layout_(parameter_layout(shape)),
        rows_(input.batch.rows),
        length_(input.batch.length),
        size_(shape.hidden) {
    result_.gradient.assign(weights.size(), 0.0);
    result_.carried = in_.carried;
  }

  PlainResult run() {
    for (int l = 0; l < shape_.layers; ++l) forward(l);
    Values d_output = scores();
    for (int l = shape_.layers - 1; l >= 0; --l) d_output = backward(l, d_output);
    return result_;
  }

 private:
  std::size_t at(int t, int b, int size) const {
    return (static_cast<std::size_t>(t) * rows_ + b) * size;
  }
  int inputs(int l) const { return l == 0 ? shape_.vocabulary : size_; }
  const double* weight(int l, int which) const { return w_.data() + layout_[4 * l + which].offset; }
  double* gradient(int l, int which) {
    return result_.gradient.data() + layout_[4 * l + which].offset;
  }
  bool resets(int t, int b) const {
    return !in_.batch.resets.empty() && in_.batch.resets[b * length_ + t] != 0;
  }

  void forward(int l) {
    LayerTrace& trace = traces_.emplace_back();
    const std::size_t all = at(length_, 0, size_);
    trace.hidden_before.resize(all);
    trace.hidden.resize(all);
    trace.sums.resize(all);
    trace.before.resize(all);
    trace.input = layer_input(l);
    trace.mask = mask(l);
    for (int t = 0; t < length_; ++t) {
      for (int b = 0; b < rows_; ++b) cell_step(l, t, b);
    }
  }

  Values layer_input(int l) const {
    if (l > 0) {
      Values masked = traces_[l - 1].hidden;
      for (std::size_t i = 0; i < masked.size(); ++i) masked[i] *= traces_[l - 1].mask[i];
      return masked;
    }
    Values one_hot(at(length_, 0, shape_.vocabulary), 0.0);
    for (int t = 0; t < length_; ++t) {
      for (int b = 0; b < rows_; ++b) {
        one_hot[at(t, b, shape_.vocabulary) + in_.batch.inputs[b * length_ + t]] = 1.0;
      }
    }
    return one_hot;
  }

  Values mask(int l) const {
    std::vector<float> factors(at(length_, 0, size_), 1.0F);
    if (in_.dropout > 0) {
      dropout_mask({in_.seed, in_.step, l, in_.dropout}, 0, factors.size(), factors.data());
    }
    return Values(factors.begin(), factors.end());
  }

  /// A state of one unit as it is now.
  double& carried(int state, int l, int b, int unit) {
    return result_.carried[state][(static_cast<std::size_t>(l) * rows_ + b) * size_ + unit];
  }

  void cell_step(int l, int t, int b) {
    LayerTrace& trace = traces_[l];
    const std::size_t i0 = at(t, b, size_);
    for (int u = 0; u < size_; ++u) {
      for (int state = 0; state < cell_.state_count(); ++state) {
        if (resets(t, b)) carried(state, l, b, u) = 0.0;
        trace.before[i0 + u][state] = carried(state, l, b, u);
      }
      trace.hidden_before[i0 + u] = carried(0, l, b, u);
    }
    for (int j = 0; j < cell_.gate_count() * size_; ++j) {
      double input = weight(l, 2)[j], recurrent = weight(l, 3)[j];
      for (int k = 0; k < inputs(l); ++k) {
        input += weight(l, 0)[j * inputs(l) + k] * trace.input[at(t, b, inputs(l)) + k];
      }
      for (int k = 0; k < size_; ++k) {
        recurrent += weight(l, 1)[j * size_ + k] * trace.hidden_before[i0 + k];
      }
      trace.sums[i0 + j % size_].input[j / size_] = input;
      trace.sums[i0 + j % size_].recurrent[j / size_] = recurrent;
    }
    for (int u = 0; u < size_; ++u) {
      const PlainStates after = plain_cell(shape_.cell, trace.sums[i0 + u], trace.before[i0 + u]);
      for (int state = 0; state < cell_.state_count(); ++state) {
        carried(state, l, b, u) = after[state];
      }
      trace.hidden[i0 + u] = after[0];
    }
  }

  /// Scores, loss, fc's gradients; returns the gradient of the last layer's output.
  Values scores() {
    const int v_size = shape_.vocabulary;
    const double* w = weight(shape_.layers, 0);
    const double* bias = weight(shape_.layers, 1);
    const Values input = layer_input(shape_.layers);
    Values d_input(input.size(), 0.0);
    result_.scores.resize(at(length_, 0, v_size));
    for (int t = 0; t < length_; ++t) {
      for (int b = 0; b < rows_; ++b) {
        double* score =
            result_.scores.data() + (static_cast<std::size_t>(b) * length_ + t) * v_size;
        const double* x = input.data() + at(t, b, size_);
        double sum = 0;
        for (int v = 0; v < v_size; ++v) {
          score[v] = bias[v];
          for (int k = 0; k < size_; ++k) score[v] += w[v * size_ + k] * x[k];
          sum += std::exp(score[v]);
        }
        const int target = in_.batch.targets[b * length_ + t];
        const double share = 1.0 / (static_cast<double>(rows_) * length_);
        result_.loss += (std::log(sum) - score[target]) * share;
        for (int v = 0; v < v_size; ++v) {
          const double d = (std::exp(score[v]) / sum - (v == target)) * share;
          gradient(shape_.layers, 1)[v] += d;
          for (int k = 0; k < size_; ++k) {
            gradient(shape_.layers, 0)[v * size_ + k] += d * x[k];
            d_input[at(t, b, size_) + k] += d * w[v * size_ + k];
          }
        }
      }
    }
    return masked(d_input, shape_.layers - 1);
  }

  Values masked(Values d, int l) const {
    for (std::size_t i = 0; i < d.size(); ++i) d[i] *= traces_[l].mask[i];
    return d;
  }

  Values backward(int l, const Values& d_hidden) {
    Values d_input(at(length_, 0, inputs(l)), 0.0);
    std::vector<PlainStates> d_states(static_cast<std::size_t>(rows_) * size_);
    for (int t = length_ - 1; t >= 0; --t) {
      for (int b = 0; b < rows_; ++b) step_back(l, t, b, d_hidden, d_states, d_input);
    }
    return l == 0 ? d_input : masked(d_input, l - 1);
  }

  /// `d_states` [B, H]: gradients of the states after this time step, then of those before it.
  void step_back(int l, int t, int b, const Values& d_hidden, std::vector<PlainStates>& d_states,
                 Values& d_input) {
    const LayerTrace& trace = traces_[l];
    const std::size_t i0 = at(t, b, size_), x0 = at(t, b, inputs(l));
    PlainStates* d = d_states.data() + static_cast<std::size_t>(b) * size_;
    std::vector<PlainSums> d_sums;
    for (int u = 0; u < size_; ++u) {
      d[u][0] += d_hidden[i0 + u];
      const auto back =
          plain_cell_gradient(shape_.cell, trace.sums[i0 + u], trace.before[i0 + u], d[u]);
      d_sums.push_back(back.sums);
      d[u] = back.before;
    }
    for (int j = 0; j < cell_.gate_count() * size_; ++j) {
      const double input = d_sums[j % size_].input[j / size_];
      const double recurrent = d_sums[j % size_].recurrent[j / size_];
      gradient(l, 2)[j] += input;
      gradient(l, 3)[j] += recurrent;
      for (int k = 0; k < inputs(l); ++k) {
        gradient(l, 0)[j * inputs(l) + k] += input * trace.input[x0 + k];
        d_input[x0 + k] += input * weight(l, 0)[j * inputs(l) + k];
      }
      for (int k = 0; k < size_; ++k) {
        gradient(l, 1)[j * size_ + k] += recurrent * trace.hidden_before[i0 + k];
        d[k][0] += recurrent * weight(l, 1)[j * size_ + k];
      }
    }
    for (int u = 0; u < size_ && resets(t, b); ++u) d[u] = {};
  }

  NetworkShape shape_;
  const Values& w_;
  const PlainInput& in_;
  const Cell& cell_;
  std::vector<TensorSpec> layout_;
  int rows_, length_, size_;
  std::vector<LayerTrace> traces_;
  PlainResult result_;
};

}  // namespace

PlainResult plain_step(const NetworkShape& shape, const std::vector<double>& weights,
                       const PlainInput& input) {
  return PlainStep(shape, weights, input).run();
}

Batch random_batch(const NetworkShape& shape, int rows, int length, std::uint64_t seed,
                   bool resets) {
  Batch batch;
  batch.rows = rows;
  batch.length = length;
  const int count = rows * length;
  for (int i = 0; i < count; ++i) {
    const auto draw = [&](std::uint64_t use) { return uniform53(seed, i, use); };
    batch.inputs.push_back(static_cast<Symbol>(draw(101) * shape.vocabulary));
    batch.targets.push_back(static_cast<Symbol>(draw(102) * shape.vocabulary));
    if (resets) batch.resets.push_back(draw(103) < 0.1);
  }
  return batch;
}

std::vector<double> random_values(std::size_t count, double scale, std::uint64_t seed) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = (2 * uniform53(seed, i, 104) - 1) * scale;
  return values;
}

}  // namespace charrnn
