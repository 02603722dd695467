// How fast streams of text advance, without sampling: characters per second of all together.
//
//   generate_bench [hidden layers threads kernels int8]     512 2 all fastest fp32
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "model/fused/kernel_choice.h"
#include "model/packed_network.h"

namespace charrnn {
namespace {

constexpr int kVocabulary = 83;

/// Characters per second: the best and the median of several runs of 0.1 s.
void bench(const PackedNetwork& network, int streams, int threads) {
  std::vector<RowState> states(streams, zero_row_state(network.shape()));
  std::vector<RowState*> rows;
  for (RowState& state : states) rows.push_back(&state);
  std::vector<Symbol> symbols(streams, 1);
  std::vector<float> scores(static_cast<std::size_t>(streams) * kVocabulary);
  std::vector<double> gaps;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (auto now = std::chrono::steady_clock::now(); now < end;) {
    network.advance(rows, symbols, scores);
    const auto after = std::chrono::steady_clock::now();
    gaps.push_back(std::chrono::duration<double>(after - now).count());
    now = after;
    for (int i = 0; i < streams; ++i) symbols[i] = static_cast<Symbol>((symbols[i] + 7) % 83);
  }
  std::sort(gaps.begin(), gaps.end());
  std::printf(
      "{\"streams\": %d, \"threads\": %d, \"median_chars_per_second\": %.0f, "
      "\"best_chars_per_second\": %.0f}\n",
      streams, threads, streams / gaps[gaps.size() / 2], streams / gaps.front());
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) {
  using namespace charrnn;
  NetworkShape shape{kVocabulary, argc > 1 ? std::atoi(argv[1]) : 512,
                     argc > 2 ? std::atoi(argv[2]) : 2};
  const int threads =
      argc > 3 ? std::atoi(argv[3]) : static_cast<int>(std::thread::hardware_concurrency());
  PackedNetworkOptions options{.threads = threads};
  for (const Kernels* kernels : runnable_kernels()) {
    if (argc > 4 && std::strcmp(argv[4], kernels->name) == 0) options.kernels = kernels;
  }
  if (argc > 5 && std::strcmp(argv[5], "int8") == 0) options.weights = WeightFormat::kInt8;
  if (argc > 5 && std::strcmp(argv[5], "bf16") == 0) {
    options.weights = WeightFormat::kBf16;
    options.kernels = nullptr;
  }
  const PackedNetwork network(shape, initial_weights(shape, 1), options);
  for (const int streams : {1, 8, 64, 256}) bench(network, streams, threads);
}
