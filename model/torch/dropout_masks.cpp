#include "model/torch/dropout_masks.h"

#include <ATen/Parallel.h>

#include <array>
#include <cmath>

#include "base/counter_rng.h"

namespace charrnn {
namespace {

constexpr std::int64_t kWord = 0xFFFFFFFF;
constexpr std::int64_t kPerCounter = 8;  // half-words of a philox block

/// The two halves of the 64-bit product of each word with `factor`. Tensors have no unsigned 64-bit
/// arithmetic: the product wraps around, and masking gives the right bits back.
std::array<at::Tensor, 2> multiply(const at::Tensor& words, std::int64_t factor) {
  const at::Tensor product = words * factor;
  return {product.__rshift__(32).bitwise_and_(kWord), product.bitwise_and(kWord)};
}

/// philox() of base/counter_rng.h for many counters: int64 tensors that hold 32-bit words.
std::array<at::Tensor, 4> philox_words(std::uint64_t key, const at::Tensor& counters,
                                       const at::Tensor& high) {
  std::array<at::Tensor, 4> c{counters.bitwise_and(kWord),
                              counters.__rshift__(32).bitwise_and_(kWord),
                              high[0].expand_as(counters), high[1].expand_as(counters)};
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const auto p0 = multiply(c[0], 0xD2511F53);
    const auto p1 = multiply(c[2], 0xCD9E8D57);
    c = {p1[0].bitwise_xor(c[1]).bitwise_xor_(std::int64_t{k0}), p1[1],
         p0[0].bitwise_xor(c[3]).bitwise_xor_(std::int64_t{k1}), p0[1]};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

}  // namespace

at::Tensor host_dropout_mask(const DropoutKey& key, at::IntArrayRef size) {
  at::Tensor mask = at::empty(size, at::kFloat);
  auto* const out = mask.mutable_data_ptr<float>();
  const std::int64_t counters = (mask.numel() + kPerCounter - 1) / kPerCounter;
  at::parallel_for(0, counters, /*grain_size=*/4096, [&](std::int64_t from, std::int64_t to) {
    const std::int64_t first = from * kPerCounter;
    const std::int64_t last = std::min(to * kPerCounter, mask.numel());
    dropout_mask(key, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last - first),
                 out + first);
  });
  return mask;
}

std::array<std::int64_t, 2> mask_words(const DropoutKey& key) {
  const std::uint64_t high =
      counter_high(RandomUse::kDropout, key.step, static_cast<std::uint64_t>(key.layer));
  return {static_cast<std::int64_t>(high & kWord), static_cast<std::int64_t>(high >> 32)};
}

at::Tensor device_dropout_mask(const DropoutKey& key, const at::Tensor& words,
                               at::IntArrayRef size) {
  const std::int64_t count = c10::multiply_integers(size);
  const at::Tensor counters = at::arange((count + kPerCounter - 1) / kPerCounter, words.options());
  std::vector<at::Tensor> halves;
  for (const at::Tensor& word : philox_words(key.seed, counters, words)) {
    halves.push_back(word.bitwise_and(0xFFFF));
    halves.push_back(word.__rshift__(16));
  }
  const auto threshold = std::lround(double{key.probability} * 65536.0);
  const auto scale = static_cast<float>(65536.0 / static_cast<double>(65536 - threshold));
  const at::Tensor kept = at::stack(halves, 1).view(-1).narrow(0, 0, count).ge(threshold);
  return kept.to(at::kFloat).mul_(scale).view(size);
}

}  // namespace charrnn
