#include "bench/fma_peak.h"

#include <time.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace charrnn {
namespace {

constexpr int kChains = 12;  // more than latency x throughput on every processor so far

typedef float Floats4 __attribute__((vector_size(16)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats16 __attribute__((vector_size(64)));

/// Runs `rounds` of kChains independent chains of multiply-adds of vectors.
template <class Floats>
__attribute__((always_inline)) inline float chains(long rounds) {
  Floats sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = Floats{} + 0.1F * static_cast<float>(i);
  const volatile float factor = 0.999F, term = 0.001F;  // not for the compiler to know
  const Floats x = Floats{} + factor, y = Floats{} + term;
  for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * x + y;
  }
  float total = 0.0F;
  for (int i = 0; i < kChains; ++i) total += sums[i][0];
  return total;
}

#ifdef __x86_64__
__attribute__((target("avx512f"))) float wide_chains(long rounds) {
  return chains<Floats16>(rounds);
}
__attribute__((target("avx2,fma"))) float half_wide_chains(long rounds) {
  return chains<Floats8>(rounds);
}
#endif
float plain_chains(long rounds) { return chains<Floats4>(rounds); }

struct Chains {
  float (*run)(long rounds);
  int width;
};

Chains widest_chains() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return {wide_chains, 16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {half_wide_chains, 8};
#endif
  return {plain_chains, 4};
}

double seconds_on(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

FmaPeak peak_of_one(const Chains& chains) {
  constexpr long kRounds = 12'000'000;
  const double wall = seconds_on(CLOCK_MONOTONIC), own = seconds_on(CLOCK_THREAD_CPUTIME_ID);
  volatile float result = chains.run(kRounds);
  (void)result;
  const double gflop = 2.0 * kRounds * kChains * chains.width / 1e9;
  return {gflop / (seconds_on(CLOCK_MONOTONIC) - wall),
          gflop / (seconds_on(CLOCK_THREAD_CPUTIME_ID) - own)};
}

}  // namespace

FmaPeak fma_peak(int threads) {
  const Chains chains = widest_chains();
  std::vector<FmaPeak> peaks(threads);
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] { peaks[i] = peak_of_one(chains); });
  }
  for (std::thread& worker : workers) worker.join();
  FmaPeak all;
  for (const FmaPeak& peak : peaks) {
    all.gflops += peak.gflops;
    all.gflops_per_thread = std::max(all.gflops_per_thread, peak.gflops_per_thread);
  }
  return all;
}

double processor_seconds() { return seconds_on(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace charrnn
