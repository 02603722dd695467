// Holds a backend to values of PyTorch of any size: scripts/checks/golden.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tests/model/torch/golden_comparison.h"

namespace {

int print(const std::vector<charrnn::Difference>& differences) {
  int off = 0;
  for (const charrnn::Difference& difference : differences) {
    off += difference.within() ? 0 : 1;
    std::printf("%-38s %9.2e of %.0e%s\n", difference.quantity.c_str(), difference.relative,
                difference.allowed, difference.within() ? "" : "   TOO FAR");
  }
  std::printf("%s\n", off == 0 ? "equal to PyTorch" : "NOT equal to PyTorch");
  return off == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: golden_check FILE torch|fused KERNEL_THREADS\n");
    return 2;
  }
  const bool fused = std::strcmp(argv[2], "fused") == 0;
  const charrnn::BackendOptions options{.kernel_threads = std::atoi(argv[3])};
  try {
    return print(charrnn::compare_with_golden(argv[1], [&](const charrnn::TrainState& state) {
      return fused ? charrnn::make_fused_backend(state, options)
                   : charrnn::make_torch_backend(state, charrnn::Device::kCpu, options);
    }));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "golden_check: %s\n", error.what());
    return 1;
  }
}
