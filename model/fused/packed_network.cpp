#include "model/packed_network.h"

#include <algorithm>
#include <mutex>

#include "model/fused/kernel_choice.h"
#include "model/fused/stream_block.h"
#include "model/fused/team.h"

namespace charrnn {
namespace {

/// Layers narrower than this are done sooner by one thread than shared.
constexpr int kUnitsWorthSharing = 256;

const Kernels& kernels_of(const PackedNetworkOptions& options) {
  return options.kernels == nullptr ? fastest_kernels() : *options.kernels;
}

}  // namespace

RowState zero_row_state(const NetworkShape& shape) {
  return RowState(static_cast<std::size_t>(shape.layers) * 2 * shape.hidden, 0.0F);
}

struct PackedNetwork::Packed {
  Packed(const NetworkShape& shape, const Weights& flat, const PackedNetworkOptions& options)
      : kernels(kernels_of(options)),
        geometry(shape, kernels.width),
        weights(geometry, false),
        team(options.threads) {
    weights.pack(flat.data());
  }

  /// A block that nobody uses, as long as it is held.
  class Lease {
   public:
    explicit Lease(Packed& owner) : owner_(owner) {
      const std::lock_guard lock(owner_.mutex);
      if (!owner_.unused.empty()) {
        block_ = std::move(owner_.unused.back());
        owner_.unused.pop_back();
      }
      if (!block_) block_ = std::make_unique<StreamBlock>(owner_.geometry, owner_.kernels);
    }
    ~Lease() {
      const std::lock_guard lock(owner_.mutex);
      owner_.unused.push_back(std::move(block_));
    }
    StreamBlock* operator->() const { return block_.get(); }

   private:
    Packed& owner_;
    std::unique_ptr<StreamBlock> block_;
  };

  void share_columns(std::span<RowState* const> states, std::span<const Symbol> symbols,
                     std::span<float> scores);
  void advance_alone(std::span<RowState* const> states, std::span<const Symbol> symbols,
                     std::span<float> scores);

  const Kernels& kernels;
  Geometry geometry;
  PackedWeights weights;
  Team team;
  std::mutex mutex;
  std::vector<std::unique_ptr<StreamBlock>> unused;
};

/// All threads work on one block: each layer's columns are cut into as many parts.
void PackedNetwork::Packed::share_columns(std::span<RowState* const> states,
                                          std::span<const Symbol> symbols,
                                          std::span<float> scores) {
  const Lease block(*this);
  const int parts = team.threads();
  block->load(states, symbols);
  for (int layer = 0; layer < geometry.shape.layers; ++layer) {
    team.run(parts, [&](int part, int) {
      block->run_layer(weights, layer, geometry.groups * part / parts,
                       geometry.groups * (part + 1) / parts);
    });
  }
  block->run_scores(weights, 0, geometry.symbol_groups / 2);
  block->save(states, scores);
}

void PackedNetwork::Packed::advance_alone(std::span<RowState* const> states,
                                          std::span<const Symbol> symbols,
                                          std::span<float> scores) {
  const Lease block(*this);
  block->load(states, symbols);
  for (int layer = 0; layer < geometry.shape.layers; ++layer) {
    block->run_layer(weights, layer, 0, geometry.groups);
  }
  block->run_scores(weights, 0, geometry.symbol_groups / 2);
  block->save(states, scores);
}

PackedNetwork::PackedNetwork(const NetworkShape& shape, const Weights& weights,
                             const PackedNetworkOptions& options)
    : shape_(shape), packed_(std::make_unique<Packed>(shape, weights, options)) {}

PackedNetwork::~PackedNetwork() = default;

const NetworkShape& PackedNetwork::shape() const { return shape_; }

void PackedNetwork::advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
                            std::span<float> scores) const {
  const std::size_t blocks = (states.size() + kMaxBlockRows - 1) / kMaxBlockRows;
  const std::size_t columns = static_cast<std::size_t>(shape_.vocabulary);
  const bool narrow = shape_.hidden < kUnitsWorthSharing;
  const bool share = static_cast<int>(blocks) < packed_->team.threads() && !narrow;
  const auto advance_block = [&](std::size_t i) {
    const std::size_t first = states.size() * i / blocks;
    const std::size_t count = states.size() * (i + 1) / blocks - first;
    const auto part_scores = scores.subspan(first * columns, count * columns);
    if (share) {
      packed_->share_columns(states.subspan(first, count), symbols.subspan(first, count),
                             part_scores);
    } else {
      packed_->advance_alone(states.subspan(first, count), symbols.subspan(first, count),
                             part_scores);
    }
  };
  if (share || narrow) {
    for (std::size_t i = 0; i < blocks; ++i) advance_block(i);
  } else {
    packed_->team.run(static_cast<int>(blocks), [&](int i, int) { advance_block(i); });
  }
}

}  // namespace charrnn
