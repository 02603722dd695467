// How fast the endpoint's engine makes texts, sampling included, without any socket.
//
//   engine_bench [streams threads weights seconds]     64 all fp32 2, a network of 2 x 512 over 83
//   characters
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

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) {
  using namespace charrnn;
  const auto count = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 64);
  EngineOptions options;
  options.max_live = count;
  options.threads = argc > 2 && std::atoi(argv[2]) > 0
                        ? std::atoi(argv[2])
                        : static_cast<int>(std::thread::hardware_concurrency());
  if (argc > 3 && std::strcmp(argv[3], "int8") == 0) options.weights = WeightFormat::kInt8;
  const double seconds = argc > 4 ? std::atof(argv[4]) : 2.0;

  Engine engine(options, [](const Engine::Streams&) {});
  const auto weights = snapshot();
  Engine::Streams streams;
  for (std::size_t i = 0; i < count; ++i) {
    Generation generation;
    generation.snapshot = weights;
    generation.seed = i;
    generation.max_tokens = std::numeric_limits<std::uint64_t>::max();
    streams.push_back(std::make_shared<Stream>(std::move(generation), [] {}));
  }
  engine.submit(streams);
  measure(engine, streams, 0.3);
  const double rate = measure(engine, streams, seconds);
  std::printf(
      "{\"streams\": %zu, \"threads\": %d, \"weights\": \"%s\", \"chars_per_second\": %.1f}\n",
      count, options.threads, options.weights == WeightFormat::kInt8 ? "int8" : "fp32", rate);
  for (const auto& stream : streams) stream->cancel();
  engine.wake();
}
