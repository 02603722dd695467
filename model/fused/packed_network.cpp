#include "model/packed_network.h"

#include <algorithm>
#include <mutex>
#include <variant>

#include "model/fused/kernel_choice.h"
#include "model/fused/prompt_window.h"
#include "model/fused/stream_block.h"
#include "model/fused/team.h"

namespace charrnn {
namespace {

/// Layers narrower than this are done sooner by one thread than shared.
constexpr int kUnitsWorthSharing = 256;

constexpr std::size_t kWindow = kMaxBlockRows;

const Kernels& kernels_of(const PackedNetworkOptions& options) {
  if (options.kernels != nullptr) return *options.kernels;
  return kernels_for(options.weights == WeightFormat::kBf16 ? Precision::kBf16 : Precision::kFp32);
}

using AnyWeights = std::variant<PackedWeights, Int8Weights>;

AnyWeights pack(const Geometry& geometry, const Weights& flat, WeightFormat format,
                const Kernels& kernels) {
  if (format == WeightFormat::kInt8) return Int8Weights(geometry, flat, kernels.int8_terms);
  PackedWeights weights(geometry, kernels, false);
  weights.pack(flat.data());
  return weights;
}

}  // namespace

RowState zero_row_state(const NetworkShape& shape) {
  return RowState(
      static_cast<std::size_t>(shape.layers) * describe(shape.cell).states.size() * shape.hidden,
      0.0F);
}

struct PackedNetwork::Packed {
  Packed(const NetworkShape& shape, const Weights& flat, const PackedNetworkOptions& options)
      : kernels(kernels_of(options)),
        geometry(shape, kernels.width),
        weights(pack(geometry, flat, options.weights, kernels)),
        team(options.threads) {}

  /// Scratch memory that nobody else uses, as long as it is held.
  template <class Scratch>
  class Lease {
   public:
    Lease(Packed& owner, std::vector<std::unique_ptr<Scratch>>& unused)
        : mutex_(owner.mutex), unused_(unused) {
      const std::lock_guard lock(mutex_);
      if (!unused_.empty()) {
        scratch_ = std::move(unused_.back());
        unused_.pop_back();
      }
      if (!scratch_) scratch_ = std::make_unique<Scratch>(owner.geometry, owner.kernels);
    }
    ~Lease() {
      const std::lock_guard lock(mutex_);
      unused_.push_back(std::move(scratch_));
    }
    Scratch* operator->() const { return scratch_.get(); }
    Scratch& operator*() const { return *scratch_; }

   private:
    std::mutex& mutex_;
    std::vector<std::unique_ptr<Scratch>>& unused_;
    std::unique_ptr<Scratch> scratch_;
  };

  /// Advances up to kMaxBlockRows streams, with each layer's columns cut into `parts`.
  void advance_block(std::span<RowState* const> states, std::span<const Symbol> symbols,
                     std::span<float> scores, int parts);

  /// Reads the symbols into one stream's state.
  void read(const PackedWeights& packed, RowState& state, std::span<const Symbol> symbols,
            int parts);
  void read(const Int8Weights& packed, RowState& state, std::span<const Symbol> symbols, int parts);

  template <class Weights>
  void run_layers(StreamBlock& block, const Weights& packed, int parts);

  /// Of the team, when at most `threads` are wanted; 0: all.
  int members(int threads) const {
    return threads > 0 ? std::min(threads, team.threads()) : team.threads();
  }
  bool narrow() const { return geometry.shape.hidden < kUnitsWorthSharing; }

  const Kernels& kernels;
  Geometry geometry;
  AnyWeights weights;
  Team team;
  std::mutex mutex;
  std::vector<std::unique_ptr<StreamBlock>> blocks;
  std::vector<std::unique_ptr<PromptWindow>> windows;
};

template <class Weights>
void PackedNetwork::Packed::run_layers(StreamBlock& block, const Weights& packed, int parts) {
  block.prepare(packed);
  for (int layer = 0; layer < geometry.shape.layers; ++layer) {
    team.run(parts, [&](int part, int) {
      block.run_layer(packed, layer, geometry.part_begin(part, parts),
                      geometry.part_begin(part + 1, parts));
    });
  }
}

void PackedNetwork::Packed::advance_block(std::span<RowState* const> states,
                                          std::span<const Symbol> symbols, std::span<float> scores,
                                          int parts) {
  const Lease block(*this, blocks);
  block->load(states, symbols);
  const auto advance = [&](const auto& packed) {
    run_layers(*block, packed, parts);
    block->run_scores(packed);
  };
  std::visit(advance, weights);
  block->save_states(states);
  block->save_scores(scores);
}

void PackedNetwork::Packed::read(const PackedWeights& packed, RowState& state,
                                 std::span<const Symbol> symbols, int parts) {
  const Lease window(*this, windows);
  for (; !symbols.empty(); symbols = symbols.subspan(std::min(symbols.size(), kWindow))) {
    window->read(packed, symbols.first(std::min(symbols.size(), kWindow)), state, team, parts);
  }
}

// Both products of an 8-bit layer are one sum, so there is none to take out of the time loop.
void PackedNetwork::Packed::read(const Int8Weights& packed, RowState& state,
                                 std::span<const Symbol> symbols, int parts) {
  const Lease block(*this, blocks);
  RowState* const states[] = {&state};
  for (const Symbol& symbol : symbols) {
    block->load(states, {&symbol, 1});
    run_layers(*block, packed, parts);
    block->save_states(states);
  }
}

PackedNetwork::PackedNetwork(const NetworkShape& shape, const Weights& weights,
                             const PackedNetworkOptions& options)
    : shape_(shape), packed_(std::make_unique<Packed>(shape, weights, options)) {}

PackedNetwork::~PackedNetwork() = default;

const NetworkShape& PackedNetwork::shape() const { return shape_; }

void PackedNetwork::advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
                            std::span<float> scores, int threads, const RowsDone& done) const {
  const int members = packed_->members(threads);
  const std::size_t blocks = (states.size() + kMaxBlockRows - 1) / kMaxBlockRows;
  const std::size_t columns = static_cast<std::size_t>(shape_.vocabulary);
  const bool narrow = packed_->narrow();
  const bool share = static_cast<int>(blocks) < members && !narrow;
  const auto advance_block = [&](std::size_t i) {
    const std::size_t first = states.size() * i / blocks;
    const std::size_t count = states.size() * (i + 1) / blocks - first;
    packed_->advance_block(states.subspan(first, count), symbols.subspan(first, count),
                           scores.subspan(first * columns, count * columns), share ? members : 1);
    if (done) done(first, count);
  };
  if (share || narrow || members == 1) {
    for (std::size_t i = 0; i < blocks; ++i) advance_block(i);
  } else {
    packed_->team.run(static_cast<int>(blocks), [&](int i, int) { advance_block(i); });
  }
}

void PackedNetwork::read(RowState& state, std::span<const Symbol> symbols, int threads) const {
  const int parts = packed_->narrow() ? 1 : packed_->members(threads);
  std::visit([&](const auto& packed) { packed_->read(packed, state, symbols, parts); },
             packed_->weights);
}

}  // namespace charrnn
