#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <semaphore>
#include <string>
#include <utility>

#include "corpus/read_text.h"
#include "serve/engine/engine.h"
#include "tests/serve/client.h"
#include "tests/serve/small_model.h"

namespace charrnn {

/// What it takes to go on from `prompt` for `length` characters.
inline Generation generation_of(std::shared_ptr<const Snapshot> snapshot, const std::string& prompt,
                                std::uint64_t length, std::uint64_t seed) {
  Generation generation;
  generation.snapshot = std::move(snapshot);
  generation.prompt = read_symbols(prompt, *generation.snapshot->vocabulary);
  generation.max_tokens = length;
  generation.seed = seed;
  return generation;
}

/// A client of the engine that takes from its own stream.
struct Taker {
  // The engine may still tell of the last piece when it was taken and the taker is gone.
  using Semaphore = std::counting_semaphore<>;
  std::shared_ptr<Semaphore> ready = std::make_shared<Semaphore>(0);
  std::shared_ptr<Stream> stream;

  /// A client of its own, unless the generation names one.
  explicit Taker(Generation generation)
      : stream(std::make_shared<Stream>(own(std::move(generation)),
                                        [ready = ready] { ready->release(); })) {}

  static Generation own(Generation generation) {
    static std::uint64_t clients = 1000;
    if (generation.client == Requester{}) generation.client.connection = ++clients;
    return generation;
  }

  Piece take_all(Engine& engine) {
    Piece all;
    while (!all.finish) {
      bool was_full = false;
      Piece piece = stream->take(was_full);
      if (was_full) engine.wake();
      if (piece.text.empty() && !piece.finish) ready->acquire();
      all.text += piece.text;
      for (auto& score : piece.scores) all.scores.push_back(std::move(score));
      all.prompt_tokens = piece.prompt_tokens;
      all.completion_tokens = piece.completion_tokens;
      all.finish = piece.finish;
      all.stop_text = piece.stop_text;
    }
    return all;
  }
};

/// An engine's options, and a small model.
class EngineTest : public testing::Test {
 protected:
  static void tell(const Engine::Streams& streams) {
    for (const auto& stream : streams) stream->ready();
  }
  std::shared_ptr<const Snapshot> snapshot_ = small_snapshot(1);
  EngineOptions options_;
};

}  // namespace charrnn
