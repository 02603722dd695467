// How fast the endpoint's engine makes texts, sampling included, without any socket.
//
//   engine_bench [streams threads weights seconds [regex]]     64 all fp32 2, a network of 2 x 512
//   over 83 characters. With a regex also how fast texts are that have to match it; one whose
//   matches can go on for ever, such as ([0-9]{4}-[0-9][0-9]-[0-9][0-9] )*
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>

#include "serve/engine/engine.h"

namespace charrnn {
namespace {

using Clock = std::chrono::steady_clock;

std::shared_ptr<const Snapshot> snapshot() {
  Snapshot made;
  std::vector<char32_t> characters{U'\n'};
  for (char32_t c = U' '; characters.size() < 83; ++c) characters.push_back(c);
  made.network = {static_cast<int>(characters.size()), 512, 2};
  made.weights = std::make_shared<const Weights>(initial_weights(made.network, 1));
  std::vector<std::uint64_t> counts(characters.size(), 1);
  made.vocabulary = std::make_shared<const Vocabulary>(std::move(characters), std::move(counts));
  return std::make_shared<const Snapshot>(std::move(made));
}

/// Characters a second, taken from the streams as a client would that comes every 10 ms.
double measure(Engine& engine, const Engine::Streams& streams, double seconds) {
  const auto begin = Clock::now();
  const std::uint64_t before = engine.characters();
  const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  while (passed() < seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    for (const auto& stream : streams) {
      bool was_full = false;
      stream->take(was_full);
      if (was_full) engine.wake();
    }
  }
  return static_cast<double>(engine.characters() - before) / passed();
}

/// Characters a second of `count` endless texts. `pattern`: what they have to match; may be null.
double rate(const EngineOptions& options, const std::shared_ptr<const Snapshot>& weights,
            const std::shared_ptr<const TextPattern>& pattern, double seconds) {
  Engine engine(options, [](const Engine::Streams&) {});
  Engine::Streams streams;
  for (std::size_t i = 0; i < options.max_live; ++i) {
    Generation generation;
    generation.snapshot = weights;
    generation.seed = i;
    generation.client.connection = i;
    generation.pattern = pattern;
    generation.max_tokens = generation.min_tokens = std::numeric_limits<std::uint64_t>::max();
    streams.push_back(std::make_shared<Stream>(std::move(generation), [] {}));
    engine.submit({streams.back()});
  }
  measure(engine, streams, 0.3);
  const double rate = measure(engine, streams, seconds);
  for (const auto& stream : streams) stream->cancel();
  engine.wake();
  return rate;
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) {
  using namespace charrnn;
  EngineOptions options;
  options.max_live = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 64);
  options.threads = argc > 2 && std::atoi(argv[2]) > 0
                        ? std::atoi(argv[2])
                        : static_cast<int>(std::thread::hardware_concurrency());
  if (argc > 3 && std::strcmp(argv[3], "int8") == 0) options.weights = WeightFormat::kInt8;
  const double seconds = argc > 4 ? std::atof(argv[4]) : 2.0;

  const auto weights = snapshot();
  const double free = rate(options, weights, nullptr, seconds);
  std::printf("{\"streams\": %zu, \"threads\": %d, \"weights\": \"%s\", \"chars_per_second\": %.1f",
              options.max_live, options.threads,
              options.weights == WeightFormat::kInt8 ? "int8" : "fp32", free);
  if (argc > 5) {
    const auto pattern = std::make_shared<const TextPattern>(argv[5], *weights->vocabulary);
    const double bound = rate(options, weights, pattern, seconds);
    std::printf(", \"with_regex\": %.1f, \"ratio\": %.3f", bound, bound / free);
  }
  std::printf("}\n");
}
