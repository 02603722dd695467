#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "corpus/read_text.h"
#include "model/packed_network.h"
#include "serve/asked_text.h"
#include "serve/engine/row.h"
#include "serve/plain_protocol.h"
#include "serve/server.h"
#include "serve/service.h"

namespace charrnn {
namespace {

/// The samples that are written side by side, each a row of the network.
class Samples {
 public:
  Samples(const Snapshot& snapshot, const GenerateOptions& options,
          const std::function<bool(const SamplePiece&)>& write)
      : write_(write), pieces_(static_cast<std::size_t>(options.samples)) {
    const auto shared = std::make_shared<const Snapshot>(snapshot);
    const std::uint64_t seed = options.seed ? *options.seed : drawn_seed();
    Generation asked =
        asked_text(shared, options, read_symbols(options.prompt, *snapshot.vocabulary), seed);
    for (int i = 0; i < options.samples; ++i) {
      asked.choice = static_cast<std::uint32_t>(i);
      rows_.emplace_back(asked);
      rows_.back().begin(sampler_, pieces_[static_cast<std::size_t>(i)]);
    }
  }

  /// Gives back what was made. False: nobody wants more, or there is no more.
  bool give() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::string text = std::exchange(pieces_[i].text, {});
      const auto finish = std::exchange(pieces_[i].finish, {});
      if (text.empty() && !finish) continue;
      if (!write_({.sample = static_cast<int>(i),
                   .text = text,
                   .finish_reason = finish ? finish_reason(*finish) : std::string_view()})) {
        return false;
      }
    }
    return std::any_of(rows_.begin(), rows_.end(), [](const Row& row) { return !row.done(); });
  }

  /// Advances all that go on by one character.
  void advance(const PackedNetwork& network) {
    states_.clear();
    inputs_.clear();
    for (Row& row : rows_) {
      if (row.done()) continue;
      states_.push_back(&row.state());
      inputs_.push_back(row.input());
    }
    const auto v = static_cast<std::size_t>(network.shape().vocabulary);
    scores_.resize(states_.size() * v);
    network.advance(states_, inputs_, scores_);
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i].done()) continue;
      rows_[i].read(std::span(scores_).subspan(v * at++, v), sampler_, pieces_[i]);
    }
  }

 private:
  const std::function<bool(const SamplePiece&)>& write_;
  Sampler sampler_;
  std::deque<Row> rows_;
  std::vector<Piece> pieces_;
  std::vector<RowState*> states_;
  std::vector<Symbol> inputs_;
  std::vector<float> scores_;
};

}  // namespace

void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(const SamplePiece&)>& write,
              const PackedNetworkOptions& network_options) {
  Samples samples(snapshot, options, write);
  const PackedNetwork network(snapshot.network, *snapshot.weights, network_options);
  while (samples.give()) samples.advance(network);
}

void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(std::string_view)>& write,
              const PackedNetworkOptions& network_options) {
  GenerateOptions one = options;
  one.samples = 1;
  const auto write_text = [&](const SamplePiece& piece) {
    return piece.text.empty() || write(piece.text);
  };
  generate(snapshot, one, std::function<bool(const SamplePiece&)>(write_text), network_options);
}

}  // namespace charrnn
