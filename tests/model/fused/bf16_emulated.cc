#include "tests/model/fused/bf16_emulated.h"

namespace charrnn {

#ifdef CHARRNN_X86
extern const Kernels kBf16EmulatedAvx512;
#endif

const Kernels* bf16_emulated_avx512() {
#ifdef CHARRNN_X86
  for (const Kernels* kernels : runnable_kernels()) {
    if (kernels->width == kBf16EmulatedAvx512.width) return &kBf16EmulatedAvx512;
  }
#endif
  return nullptr;
}

std::vector<const Kernels*> all_bf16_kernels() {
  std::vector<const Kernels*> kernels{&kBf16EmulatedPortable};
  if (bf16_emulated_avx512() != nullptr) kernels.push_back(bf16_emulated_avx512());
  if (bf16_kernels() != nullptr) kernels.push_back(bf16_kernels());
  return kernels;
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> kernels = runnable_kernels();
  for (const Kernels* bf16 : all_bf16_kernels()) kernels.push_back(bf16);
  return kernels;
}

}  // namespace charrnn
