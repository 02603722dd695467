#include "tests/model/fused/plain_network.h"

#include "base/counter_rng.h"
#include "model/dropout.h"

namespace charrnn {
namespace {

using Values = std::vector<double>;

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// Everything that one layer's backward pass needs, [T, B, H] each; gates [T, B, 4, H].
struct LayerTrace {
  Values input;  ///< [T, B, I]
  Values gates;
  Values cell_before, hidden_before, cell, hidden;
  Values mask;
};

class PlainStep {
 public:
  PlainStep(const NetworkShape& shape, const Values& weights, const PlainInput& input)
      : shape_(shape),
        w_(weights),
        in_(input),
        layout_(parameter_layout(shape)),
        rows_(input.batch.rows),
        length_(input.batch.length),
        size_(shape.hidden) {
    result_.gradient.assign(weights.size(), 0.0);
    result_.hidden = in_.hidden;
    result_.cell = in_.cell;
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
    for (Values* v : {&trace.cell_before, &trace.hidden_before, &trace.cell, &trace.hidden})
      v->resize(all);
    trace.gates.resize(4 * all);
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

  void cell_step(int l, int t, int b) {
    LayerTrace& trace = traces_[l];
    double* h = result_.hidden.data() + (static_cast<std::size_t>(l) * rows_ + b) * size_;
    double* c = result_.cell.data() + (static_cast<std::size_t>(l) * rows_ + b) * size_;
    const std::size_t i0 = at(t, b, size_);
    for (int u = 0; u < size_; ++u) {
      if (resets(t, b)) h[u] = c[u] = 0.0;
      trace.hidden_before[i0 + u] = h[u];
      trace.cell_before[i0 + u] = c[u];
    }
    double* gates = trace.gates.data() + 4 * i0;
    for (int j = 0; j < 4 * size_; ++j) {
      double sum = weight(l, 2)[j] + weight(l, 3)[j];
      for (int k = 0; k < inputs(l); ++k) {
        sum += weight(l, 0)[j * inputs(l) + k] * trace.input[at(t, b, inputs(l)) + k];
      }
      for (int k = 0; k < size_; ++k)
        sum += weight(l, 1)[j * size_ + k] * trace.hidden_before[i0 + k];
      gates[j] = j / size_ == 2 ? std::tanh(sum) : sigmoid(sum);
    }
    for (int u = 0; u < size_; ++u) {
      c[u] = gates[size_ + u] * c[u] + gates[u] * gates[2 * size_ + u];
      h[u] = gates[3 * size_ + u] * std::tanh(c[u]);
      trace.cell[i0 + u] = c[u];
      trace.hidden[i0 + u] = h[u];
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
    const LayerTrace& trace = traces_[l];
    Values d_input(at(length_, 0, inputs(l)), 0.0);
    Values dh(static_cast<std::size_t>(rows_) * size_, 0.0), dc = dh;
    for (int t = length_ - 1; t >= 0; --t) {
      for (int b = 0; b < rows_; ++b) {
        const std::size_t i0 = at(t, b, size_);
        Values d_gates(4 * static_cast<std::size_t>(size_));
        for (int u = 0; u < size_; ++u) {
          const double* gates = trace.gates.data() + 4 * i0;
          const double i = gates[u], f = gates[size_ + u], g = gates[2 * size_ + u],
                       o = gates[3 * size_ + u];
          const double tanh_c = std::tanh(trace.cell[i0 + u]);
          const double dh_all = dh[b * size_ + u] + d_hidden[i0 + u];
          const double dc_all = dc[b * size_ + u] + dh_all * o * (1 - tanh_c * tanh_c);
          d_gates[u] = dc_all * g * i * (1 - i);
          d_gates[size_ + u] = dc_all * trace.cell_before[i0 + u] * f * (1 - f);
          d_gates[2 * size_ + u] = dc_all * i * (1 - g * g);
          d_gates[3 * size_ + u] = dh_all * tanh_c * o * (1 - o);
          dc[b * size_ + u] = resets(t, b) ? 0.0 : dc_all * f;
          dh[b * size_ + u] = 0.0;
        }
        for (int j = 0; j < 4 * size_; ++j) {
          gradient(l, 2)[j] += d_gates[j];
          gradient(l, 3)[j] += d_gates[j];
          for (int k = 0; k < inputs(l); ++k) {
            gradient(l, 0)[j * inputs(l) + k] += d_gates[j] * trace.input[at(t, b, inputs(l)) + k];
            d_input[at(t, b, inputs(l)) + k] += d_gates[j] * weight(l, 0)[j * inputs(l) + k];
          }
          for (int k = 0; k < size_; ++k) {
            gradient(l, 1)[j * size_ + k] += d_gates[j] * trace.hidden_before[i0 + k];
            if (!resets(t, b)) dh[b * size_ + k] += d_gates[j] * weight(l, 1)[j * size_ + k];
          }
        }
      }
    }
    return l == 0 ? d_input : masked(d_input, l - 1);
  }

  NetworkShape shape_;
  const Values& w_;
  const PlainInput& in_;
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
