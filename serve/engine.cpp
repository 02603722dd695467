#include "serve/engine.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

#include "model/trace.h"

namespace charrnn {
namespace {

// Rests add up to this, so that the weights are fetched from memory once for many steps: a training
// drives them out of the caches at every rest.
constexpr std::chrono::milliseconds kLeastRest{5};

// Characters of a prompt that are read in one step.
constexpr std::size_t kWindow = 16;

}  // namespace

Engine::Engine(const EngineOptions& options, std::function<void(const Streams&)> notify)
    : options_(options), notify_(std::move(notify)), duty_(options.cores) {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "engine");
}

Engine::~Engine() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool Engine::submit(const Streams& streams) {
  {
    const std::lock_guard lock(mutex_);
    const std::size_t places = options_.max_live + options_.max_queued;
    if (live() + arrivals_.size() + streams.size() > places) return false;
    arrivals_.insert(arrivals_.end(), streams.begin(), streams.end());
    queued_.store(arrivals_.size(), std::memory_order_relaxed);
    work_ = true;
  }
  changed_.notify_one();
  return true;
}

void Engine::wake() {
  {
    const std::lock_guard lock(mutex_);
    work_ = true;
  }
  changed_.notify_one();
}

void Engine::training(bool running) { training_.store(running, std::memory_order_relaxed); }

void Engine::run() {
  while (wait_for_work()) {
    const auto begin = DutyCycle::Clock::now();
    const auto cpu_before = thread_cpu_time();
    {
      const TraceSpan span("engine step", static_cast<std::int64_t>(live()));
      resume();
      admit();
      step();
    }
    if (!told_.empty()) notify_(told_);
    told_.clear();
    rest(begin, cpu_before);
  }
}

bool Engine::wait_for_work() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || work_ || advanced_ || freed_; });
  work_ = freed_ = false;
  return !stop_;
}

// Parked streams whose clients have taken come before those that never had a place.
void Engine::resume() {
  if (parked() == 0) return;
  for (Group& group : groups_) {
    for (const auto& member : group.members) {
      if (live() >= options_.max_live) return;
      if (!member->parked || member->stream->full()) continue;
      member->parked = false;
      parked_.fetch_sub(1, std::memory_order_relaxed);
      live_.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void Engine::admit() {
  Streams joining;
  {
    const std::lock_guard lock(mutex_);
    // Those that left or have to end while they wait go at once, whatever the places.
    std::erase_if(arrivals_, [](const auto& stream) { return stream->cancelled(); });
    auto next = arrivals_.begin();
    while (next != arrivals_.end() &&
           (live() + joining.size() < options_.max_live || (*next)->asked_to_end())) {
      joining.push_back(std::move(*next++));
    }
    arrivals_.erase(arrivals_.begin(), next);
    live_.fetch_add(joining.size(), std::memory_order_relaxed);
    queued_.store(arrivals_.size(), std::memory_order_relaxed);
  }
  for (auto& stream : joining) join(std::move(stream));
}

void Engine::join(std::shared_ptr<Stream> stream) {
  Piece piece;
  try {
    auto member = std::make_unique<Member>(Member{stream, Row(stream->generation())});
    Group& group = group_of(*stream->generation().snapshot);
    member->row.begin(sampler_, piece);
    characters_.fetch_add(member->row.made(), std::memory_order_relaxed);
    settle(*member, piece);
    group.members.push_back(std::move(member));
  } catch (const std::exception&) {
    piece.finish = Finish::kFailed;
    live_.fetch_sub(1, std::memory_order_relaxed);
    if (stream->push(piece)) told_.push_back(std::move(stream));
  }
}

Engine::Group& Engine::group_of(const Snapshot& snapshot) {
  const auto same = [&](const Group& group) { return group.weights == snapshot.weights; };
  const auto found = std::find_if(groups_.begin(), groups_.end(), same);
  if (found != groups_.end()) return *found;
  drop_unused_groups();
  const PackedNetworkOptions options{.threads = options_.threads, .weights = options_.weights};
  auto network =
      std::make_unique<const PackedNetwork>(snapshot.network, *snapshot.weights, options);
  groups_.push_back({snapshot.weights, std::move(network), {}});
  return groups_.back();
}

// A training needs the other cores; when it has ended, texts may have them.
int Engine::threads_now() const {
  return training_.load(std::memory_order_relaxed) ? 1 : options_.threads;
}

void Engine::drop_unused_groups() {
  std::erase_if(groups_, [](const Group& group) { return group.members.empty(); });
}

void Engine::step() {
  advanced_ = false;
  for (Group& group : groups_) step_group(group);
}

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

// Of the first prompt that has one: the oldest gets to its text first.
void Engine::read_window(Group& group) {
  for (const auto& member : group.members) {
    const auto ahead = member->row.ahead();
    if (ahead.empty() || member->parked) continue;
    const auto window = ahead.first(std::min(ahead.size(), kWindow));
    Piece piece;
    group.network->read(member->row.state(), window, threads_now());
    member->row.skip(window.size(), piece);
    settle(*member, piece);
    return;
  }
}

// The rows that can go on. Where no more may be parked, a full one keeps its place and pauses.
void Engine::find_rows(Group& group) {
  rows_.clear();
  for (const auto& member : group.members) {
    if (member->parked || member->row.done()) continue;
    if (!member->stream->full()) {
      rows_.push_back(member.get());
    } else if (parked() < options_.max_parked) {
      member->parked = true;
      live_.fetch_sub(1, std::memory_order_relaxed);
      parked_.fetch_add(1, std::memory_order_relaxed);
      freed_ = true;
    }
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
  member.row.read(scores, sampler, piece);
  characters_.fetch_add(member.row.made() - made, std::memory_order_relaxed);
  to_tell_[row] = hand_on(member, piece) ? 1 : 0;
}

// Hands on what a row made; true when its client has to be told.
bool Engine::hand_on(Member& member, Piece& piece) {
  if (piece.finish && member.stream->keeps_state()) {
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

// Gives back what a member held; true.
bool Engine::left(const Member& member) {
  (member.parked ? parked_ : live_).fetch_sub(1, std::memory_order_relaxed);
  freed_ = true;
  return true;
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

void Engine::rest(DutyCycle::Clock::time_point begin, std::chrono::nanoseconds cpu_before) {
  if (!training_.load(std::memory_order_relaxed) || options_.cores >= 1.0) return;
  const auto next = duty_.worked(begin, thread_cpu_time() - cpu_before);
  if (next - DutyCycle::Clock::now() < kLeastRest) return;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, next, [this] { return stop_; });
}

}  // namespace charrnn
