// One LSTM module of two layers beside two modules of one, forward and backward, in turn: on a GPU,
// where cuDNN has other algorithms for them, in fp32, TF32, bfloat16 and fp16; else on the CPU.
//
//   lstm_modules_bench [hidden rows length pairs]     512 128 100 5
#include <ATen/ATen.h>
#include <ATen/Context.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace {

struct Options {
  int hidden = 512, rows = 128, length = 100, pairs = 5;
};

// The weights of one layer, leaves of autograd.
std::vector<at::Tensor> layer(int input, int hidden, const at::TensorOptions& options) {
  std::vector<at::Tensor> weights;
  for (const auto& size :
       {std::vector<std::int64_t>{4 * hidden, input}, std::vector<std::int64_t>{4 * hidden, hidden},
        std::vector<std::int64_t>{4 * hidden}, std::vector<std::int64_t>{4 * hidden}}) {
    weights.push_back((at::rand(size, options) * 0.1 - 0.05).requires_grad_());
  }
  return weights;
}

at::Tensor run(const at::Tensor& input, const at::Tensor& zero, at::TensorList weights,
               std::int64_t layers) {
  const at::Tensor state = zero.expand({layers, zero.size(1), zero.size(2)}).contiguous();
  return std::get<0>(at::lstm(input, {state, state}, weights, true, layers, layers > 1 ? 0.5 : 0.0,
                              true, false, false));
}

double seconds_of(const std::function<at::Tensor()>& output) {
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor sum = output().to(at::kFloat).sum();
  sum.backward();
  static_cast<void>(sum.item<float>());  // waits for a GPU's forward; the gradient's follows below
  if (sum.is_cuda()) static_cast<void>(at::zeros({1}, sum.options()).item<float>());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void bench(const Options& o, at::Device device, at::ScalarType type, const char* name) {
  const auto options = at::TensorOptions(type).device(device);
  const at::Tensor input = at::rand({o.length, o.rows, o.hidden}, options);
  const at::Tensor zero = at::zeros({1, o.rows, o.hidden}, options);
  const auto first = layer(o.hidden, o.hidden, options),
             second = layer(o.hidden, o.hidden, options);
  auto both = first;
  both.insert(both.end(), second.begin(), second.end());
  const auto one = [&] { return run(input, zero, both, 2); };
  const auto two = [&] {
    return run(at::dropout(run(input, zero, first, 1), 0.5, true), zero, second, 1);
  };
  for (int i = 0; i < 2; ++i) seconds_of(one), seconds_of(two);  // chooses algorithms
  std::vector<double> ones, ratios;
  for (int i = 0; i < o.pairs; ++i) {
    ones.push_back(seconds_of(one));
    ratios.push_back(ones.back() / seconds_of(two));
  }
  std::sort(ones.begin(), ones.end());
  std::sort(ratios.begin(), ratios.end());
  std::printf(
      "{\"device\": \"%s\", \"precision\": \"%s\", \"hidden\": %d, \"rows\": %d, \"length\": %d, "
      "\"one_module_ms\": %.2f, \"one_module_over_two\": %.3f, \"least\": %.3f, \"most\": %.3f}\n",
      device.str().c_str(), name, o.hidden, o.rows, o.length, ones[ones.size() / 2] * 1e3,
      ratios[ratios.size() / 2], ratios.front(), ratios.back());
}

void allow_tf32(bool allow) {
  at::globalContext().setAllowTF32CuBLAS(allow);
  at::globalContext().setAllowTF32CuDNN(allow);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  int* const numbers[] = {&options.hidden, &options.rows, &options.length, &options.pairs};
  for (int i = 1; i < argc && i <= 4; ++i) *numbers[i - 1] = std::atoi(argv[i]);
  if (!at::hasCUDA()) {
    std::fprintf(stderr, "libtorch sees no GPU: on the CPU\n");
    bench(options, at::kCPU, at::kFloat, "fp32");
    return 0;
  }
  allow_tf32(false);
  bench(options, at::kCUDA, at::kFloat, "fp32");
  allow_tf32(true);
  bench(options, at::kCUDA, at::kFloat, "tf32");
  bench(options, at::kCUDA, at::kBFloat16, "bf16");
  bench(options, at::kCUDA, at::kHalf, "fp16");
}
