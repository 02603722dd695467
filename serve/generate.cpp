#include <vector>

#include "corpus/read_text.h"
#include "model/packed_network.h"
#include "serve/engine/row.h"
#include "serve/server.h"
#include "serve/service.h"

namespace charrnn {

void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(std::string_view)>& write,
              const PackedNetworkOptions& network_options) {
  Generation generation;
  generation.snapshot = std::make_shared<const Snapshot>(snapshot);
  generation.prompt = read_symbols(options.prompt, *snapshot.vocabulary);
  generation.max_tokens = options.length;
  generation.sampling.temperature = options.temperature;
  generation.sampling.top_k = options.top_k;
  generation.seed = options.seed ? *options.seed : drawn_seed();

  const PackedNetwork network(snapshot.network, *snapshot.weights, network_options);
  Sampler sampler;
  Row row(std::move(generation));
  Piece piece;
  std::vector<float> scores(static_cast<std::size_t>(snapshot.network.vocabulary));
  row.begin(sampler, piece);
  while (piece.text.empty() || write(std::exchange(piece.text, {}))) {
    if (row.done()) return;
    RowState* const state = &row.state();
    const Symbol input = row.input();
    network.advance({&state, 1}, {&input, 1}, scores);
    row.read(scores, sampler, piece);
  }
}

}  // namespace charrnn
