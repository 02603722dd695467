#include "tests/serve/small_model.h"

#include <algorithm>
#include <numeric>

namespace charrnn {
namespace {

std::shared_ptr<const Snapshot> snapshot_of(std::vector<char32_t> characters, bool bytes,
                                            std::uint64_t seed, int hidden) {
  Snapshot snapshot;
  snapshot.step = seed;
  snapshot.network = {static_cast<int>(characters.size()), hidden, 2};
  snapshot.weights = std::make_shared<const Weights>(initial_weights(snapshot.network, seed));
  std::vector<std::uint64_t> counts(characters.size(), 1);
  snapshot.vocabulary =
      std::make_shared<const Vocabulary>(std::move(characters), std::move(counts), bytes);
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace

std::shared_ptr<const Snapshot> small_snapshot(std::uint64_t seed, int hidden) {
  std::u32string characters = U"\n abcdefghijklmnopqrstuvwxyz\u00e9\U0001F600";
  return snapshot_of({characters.begin(), characters.end()}, false, seed, hidden);
}

std::shared_ptr<const Snapshot> byte_snapshot(std::uint64_t seed) {
  std::vector<char32_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), 0);
  return snapshot_of(bytes, true, seed, 16);
}

std::string generated(const Snapshot& snapshot, const std::string& prompt, std::uint64_t length,
                      std::uint64_t seed) {
  GenerateOptions options;
  options.prompt = prompt;
  options.length = length;
  options.seed = seed;
  std::string text;
  generate(snapshot, options, [&text](std::string_view part) {
    text += part;
    return true;
  });
  return text;
}

}  // namespace charrnn
