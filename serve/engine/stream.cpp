#include "serve/engine/stream.h"

#include <utility>

namespace charrnn {
namespace {

// Scored symbols hold more memory than their text.
constexpr std::size_t kBytesOfScore = 64;

bool nothing(const Piece& piece) {
  return piece.text.empty() && piece.scores.empty() && !piece.finish;
}

}  // namespace

Stream::Stream(Generation generation, std::function<void()> on_ready, std::size_t capacity)
    : generation_(std::move(generation)), on_ready_(std::move(on_ready)), capacity_(capacity) {}

Piece Stream::take(bool& was_full) {
  const std::lock_guard lock(mutex_);
  was_full = full();
  waiting_ = nothing(piece_);
  bytes_.store(0, std::memory_order_relaxed);
  return std::exchange(piece_, Piece{});
}

void Stream::end(Finish finish) {
  int none = kNoFinish;
  end_.compare_exchange_strong(none, static_cast<int>(finish));
}

std::optional<Finish> Stream::asked_to_end() const {
  const int finish = end_.load(std::memory_order_relaxed);
  if (finish == kNoFinish) return std::nullopt;
  return static_cast<Finish>(finish);
}

bool Stream::push(Piece& piece) {
  if (nothing(piece)) return false;
  const std::lock_guard lock(mutex_);
  piece_.text += piece.text;
  piece_.scores.insert(piece_.scores.end(), std::make_move_iterator(piece.scores.begin()),
                       std::make_move_iterator(piece.scores.end()));
  piece_.symbols.insert(piece_.symbols.end(), piece.symbols.begin(), piece.symbols.end());
  const bool last = piece.finish.has_value();
  if (last) {
    piece_.prompt_tokens = piece.prompt_tokens;
    piece_.completion_tokens = piece.completion_tokens;
    piece_.finish = piece.finish;
    piece_.stop_text = std::move(piece.stop_text);
  }
  piece.text.clear();
  piece.scores.clear();
  piece.symbols.clear();
  piece.finish.reset();
  piece.stop_text.reset();
  bytes_.store(piece_.text.size() + sizeof(Symbol) * piece_.symbols.size() +
                   kBytesOfScore * piece_.scores.size(),
               std::memory_order_relaxed);
  return std::exchange(waiting_, false) || last;
}

std::shared_ptr<const TextState> Stream::where() const {
  const std::lock_guard lock(mutex_);
  return where_;
}

void Stream::set_where(std::shared_ptr<const TextState> where) {
  const std::lock_guard lock(mutex_);
  where_ = std::move(where);
}

}  // namespace charrnn
