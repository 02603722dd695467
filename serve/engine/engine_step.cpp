#include <algorithm>
#include <exception>

#include "serve/engine/engine.h"

namespace charrnn {
namespace {

// Characters of a prompt that are read in one step.
constexpr std::size_t kWindow = 16;

}  // namespace

void Engine::step_group(Group& group) {
  sweep(group);
  to_tell_.clear();
  try {
    read_window(group);
    find_rows(group);
    if (!rows_.empty()) advance(group);
  } catch (const std::exception&) {
    fail(group);
  }
  for (std::size_t r = 0; r < to_tell_.size(); ++r) {
    if (to_tell_[r] != 0) told_.push_back(rows_[r]->stream);
  }
  sweep(group);
}

// Clients take turns; of one's prompts the oldest gets to its text first.
void Engine::read_window(Group& group) {
  Member* next = nullptr;
  for (const auto& member : group.members) {
    if (member->row.ahead().empty() || member->stream->full()) continue;
    if (next == nullptr || last_window(*member) < last_window(*next)) next = member.get();
  }
  if (next == nullptr) return;
  if (windows_.size() >= 2 * options_.max_live) windows_.clear();
  windows_[next->stream->generation().client] = ++window_;
  const auto ahead = next->row.ahead();
  const auto window = ahead.first(std::min(ahead.size(), kWindow));
  Piece piece;
  group.network->read(next->row.state(), window, threads_now());
  next->row.skip(window.size(), piece);
  settle(*next, piece);
}

// When this member's client last had a window read.
std::uint64_t Engine::last_window(const Member& member) const {
  const auto found = windows_.find(member.stream->generation().client);
  return found == windows_.end() ? 0 : found->second;
}

// Full ones that may not be kept aside pause in their places.
void Engine::find_rows(Group& group) {
  rows_.clear();
  for (const auto& member : group.members) {
    if (member->row.done() || member->stream->full()) continue;
    ++member->turn;
    rows_.push_back(member.get());
  }
}

void Engine::advance(Group& group) {
  const auto classes = static_cast<std::size_t>(group.network->shape().vocabulary);
  states_.clear();
  symbols_.clear();
  for (Member* member : rows_) {
    states_.push_back(&member->row.state());
    symbols_.push_back(member->row.input());
  }
  scores_.resize(rows_.size() * classes);
  to_tell_.assign(rows_.size(), 0);
  // Whoever computed rows chooses their characters, so that no thread waits for another's choices.
  const auto choose = [&](std::size_t first, std::size_t count) {
    Sampler sampler;
    for (std::size_t r = first; r < first + count; ++r) {
      read(r, std::span(scores_).subspan(r * classes, classes), sampler);
    }
  };
  group.network->advance(states_, symbols_, scores_, threads_now(), choose);
  advanced_ = true;
}

void Engine::read(std::size_t row, std::span<const float> scores, Sampler& sampler) {
  Member& member = *rows_[row];
  Piece piece;
  const std::uint64_t made = member.row.made();
  try {
    member.row.read(scores, sampler, piece);
  } catch (const std::exception&) {
    // Scores that are not numbers, or no memory: this text ends, and no other.
    member.row.end(Finish::kFailed, piece);
  }
  characters_.fetch_add(member.row.made() - made, std::memory_order_relaxed);
  to_tell_[row] = hand_on(member, piece) ? 1 : 0;
}

// Hands on what a row made; true when its client has to be told.
bool Engine::hand_on(Member& member, Piece& piece) {
  if (piece.finish && member.stream->generation().keep_state) {
    member.stream->set_where(std::make_shared<const TextState>(member.row.where()));
  }
  return member.stream->push(piece);
}

void Engine::settle(Member& member, Piece& piece) {
  if (hand_on(member, piece)) told_.push_back(member.stream);
}

void Engine::fail(Group& group) {
  Piece piece;
  for (const auto& member : group.members) {
    member->row.end(Finish::kFailed, piece);
    settle(*member, piece);
  }
}

// Gives a place back; true.
bool Engine::left(const Member& member) {
  forget(*member.stream);
  freed_ = true;
  return true;
}

void Engine::forget(const Stream& stream) {
  const Requester& client = stream.generation().client;
  placed_.remove(client);
  live_.fetch_sub(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  held_.remove(client);
}

// Frees the rows of streams that are done, left, or have to end.
void Engine::sweep(Group& group) {
  const auto leaves = [this](const std::unique_ptr<Member>& member) {
    if (member->stream->cancelled()) return left(*member);
    if (const auto finish = member->stream->asked_to_end(); finish && !member->row.done()) {
      Piece piece;
      member->row.end(*finish, piece);
      settle(*member, piece);
    }
    return member->row.done() && left(*member);
  };
  std::erase_if(group.members, leaves);
}

}  // namespace charrnn
