#include "model/fused/kernel_choice.h"

#include <string>

#include "base/error.h"

namespace charrnn {

extern const Kernels kPortableKernels;
#ifdef __x86_64__
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx512VnniKernels;
extern const Kernels kAvx512Bf16Kernels;

namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

}  // namespace
#endif

std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> kernels;
#ifdef __x86_64__
  if (has_avx512()) {
    if (__builtin_cpu_supports("avx512vnni")) kernels.push_back(&kAvx512VnniKernels);
    kernels.push_back(&kAvx512Kernels);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(&kAvx2Kernels);
  }
#endif
  kernels.push_back(&kPortableKernels);
  return kernels;
}

const Kernels* bf16_kernels() {
#ifdef __x86_64__
  if (has_avx512() && __builtin_cpu_supports("avx512bf16")) return &kAvx512Bf16Kernels;
#endif
  return nullptr;
}

const Kernels& fastest_kernels() {
  static const Kernels& kernels = *runnable_kernels().front();
  return kernels;
}

const Kernels& kernels_for(Precision precision) {
  if (precision == Precision::kFp32) return fastest_kernels();
  if (precision == Precision::kBf16 && bf16_kernels() != nullptr) return *bf16_kernels();
  throw Error(ErrorKind::kConfig, "the CPU kernels cannot compute in " +
                                      std::string(word_of(precision)) +
                                      " on this processor. Use fp32");
}

}  // namespace charrnn
