#include "model/packed_network.h"

#include <algorithm>
#include <mutex>
#include <variant>

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

using AnyWeights = std::variant<PackedWeights, Int8Weights>;

AnyWeights pack(const Geometry& geometry, const Weights& flat, WeightFormat format) {
  if (format == WeightFormat::kInt8) return Int8Weights(geometry, flat);
  PackedWeights weights(geometry, false);
  weights.pack(flat.data());
  return weights;
}

}  // namespace

RowState zero_row_state(const NetworkShape& shape) {
  return RowState(static_cast<std::size_t>(shape.layers) * 2 * shape.hidden, 0.0F);
}

struct PackedNetwork::Packed {
  Packed(const NetworkShape& shape, const Weights& flat, const PackedNetworkOptions& options)
      : kernels(kernels_of(options)),
        geometry(shape, kernels.width),
        weights(pack(geometry, flat, options.weights)),
        team(options.threads) {}

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

  /// Advances up to kMaxBlockRows streams, with each layer's columns cut into `parts`.
  void advance_block(std::span<RowState* const> states, std::span<const Symbol> symbols,
                     std::span<float> scores, int parts);

  const Kernels& kernels;
  Geometry geometry;
  AnyWeights weights;
  Team team;
  std::mutex mutex;
  std::vector<std::unique_ptr<StreamBlock>> unused;
};

void PackedNetwork::Packed::advance_block(std::span<RowState* const> states,
                                          std::span<const Symbol> symbols, std::span<float> scores,
                                          int parts) {
  const Lease block(*this);
  block->load(states, symbols);
  const auto advance = [&](const auto& packed) {
    block->prepare(packed);
    for (int layer = 0; layer < geometry.shape.layers; ++layer) {
      team.run(parts, [&](int part, int) {
        block->run_layer(packed, layer, geometry.groups * part / parts,
                         geometry.groups * (part + 1) / parts);
      });
    }
    block->run_scores(packed);
  };
  std::visit(advance, weights);
  block->save(states, scores);
}

PackedNetwork::PackedNetwork(const NetworkShape& shape, const Weights& weights,
                             const PackedNetworkOptions& options)
    : shape_(shape), packed_(std::make_unique<Packed>(shape, weights, options)) {}

PackedNetwork::~PackedNetwork() = default;

const NetworkShape& PackedNetwork::shape() const { return shape_; }

void PackedNetwork::advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
                            std::span<float> scores, int threads, const RowsDone& done) const {
  const int members =
      threads > 0 ? std::min(threads, packed_->team.threads()) : packed_->team.threads();
  const std::size_t blocks = (states.size() + kMaxBlockRows - 1) / kMaxBlockRows;
  const std::size_t columns = static_cast<std::size_t>(shape_.vocabulary);
  const bool narrow = shape_.hidden < kUnitsWorthSharing;
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

}  // namespace charrnn
