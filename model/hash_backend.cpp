#include "model/hash_backend.h"

#include <xxhash.h>

#include <array>
#include <bit>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::size_t kHalf = 16;  // hex digits of 64 bits

std::string to_hex(std::uint64_t value) {
  std::array<char, kHalf> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + kHalf, value, 16).ptr;
  const auto used = static_cast<std::size_t>(end - digits.data());
  return std::string(kHalf - used, '0') + std::string(digits.data(), used);
}

std::uint64_t from_hex(std::string_view digits) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, 16);
  if (result.ec != std::errc() || result.ptr != end) {
    throw Error(ErrorKind::kCheckpoint, "the checkpoint's digest '" + std::string(digits) +
                                            "' is not hexadecimal; use an older checkpoint");
  }
  return value;
}

XXH128_hash_t parse_digest(const std::string& digest) {
  if (digest.empty()) return {0, 0};
  if (digest.size() != 2 * kHalf) {
    throw Error(ErrorKind::kCheckpoint, "the checkpoint's digest '" + digest +
                                            "' has not 32 digits; use an older checkpoint");
  }
  const std::string_view digits = digest;
  return {from_hex(digits.substr(kHalf)), from_hex(digits.substr(0, kHalf))};
}

/// Hashes numbers and arrays one behind the other, each array after its length.
class Hash {
 public:
  Hash() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }

  void add(std::uint64_t value) { add_bytes(&value, sizeof value); }

  template <typename T>
  void add(const std::vector<T>& values) {
    add(std::uint64_t{values.size()});
    add_bytes(values.data(), values.size() * sizeof(T));
  }

  XXH128_hash_t digest() const { return XXH3_128bits_digest(state_.get()); }

 private:
  // One digest for every machine: the bytes in memory are the little-endian ones.
  static_assert(std::endian::native == std::endian::little);
  void add_bytes(const void* bytes, std::size_t count) {
    XXH3_128bits_update(state_.get(), bytes, count);
  }

  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

/// There is nothing to score with.
class NoScorer final : public Scorer {
 public:
  double score(const Batch&) override { return 0.0; }
};

class Digester final : public HashBackend {
 public:
  explicit Digester(const TrainState& state)
      : state_(state),
        weights_(std::make_shared<const Weights>(state.weights)),
        digest_(parse_digest(state.digest)) {}

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return std::make_shared<const DeviceBatch>(std::move(batch));
  }

  int depth() const override { return 1; }

  BegunStep begin(std::shared_ptr<const DeviceBatch> batch, const StepSettings& settings) override {
    state_.steps = settings.step;
    fold(batch->host());
    return [] { return StepResult{}; };
  }

  Weights gradients() const override { return Weights(weights_->size(), 0.0F); }
  std::shared_ptr<const Weights> weights() const override { return weights_; }

  TrainState state() const override {
    TrainState copy = state_;
    copy.digest = digest();
    return copy;
  }

  std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights>) const override {
    return make_hash_scorer();
  }

  std::string digest() const override { return to_hex(digest_.high64) + to_hex(digest_.low64); }

 private:
  // Not ends_stripe: a run is the same for any size of stripe.
  void fold(const Batch& batch) {
    Hash hash;
    hash.add(digest_.high64);
    hash.add(digest_.low64);
    hash.add(batch.index);
    hash.add(batch.epoch - 1);
    hash.add(std::uint64_t{batch.starts_epoch});
    hash.add(static_cast<std::uint64_t>(batch.rows));
    hash.add(static_cast<std::uint64_t>(batch.length));
    hash.add(batch.inputs);
    hash.add(batch.targets);
    hash.add(batch.resets);
    digest_ = hash.digest();
  }

  TrainState state_;
  std::shared_ptr<const Weights> weights_;
  XXH128_hash_t digest_;
};

}  // namespace

std::unique_ptr<HashBackend> make_digesting_backend(const TrainState& state) {
  return std::make_unique<Digester>(state);
}

std::unique_ptr<Scorer> make_hash_scorer() { return std::make_unique<NoScorer>(); }

std::unique_ptr<Backend> make_hash_backend(const TrainState& state) {
  return make_digesting_backend(state);
}

}  // namespace charrnn
