#include "serve/engine/engine.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

#include "base/trace.h"

namespace charrnn {
namespace {

// Rests add up to this, so that the weights are fetched from memory once for many steps: a training
// drives them out of the caches at every rest.
constexpr std::chrono::milliseconds kLeastRest{5};

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
    const std::size_t mine = held_.of(streams.front()->generation().client);
    if (!may_hold(streams.size(), mine, live() + queued(), places)) return false;
    for (const auto& stream : streams) {
      held_.add(stream->generation().client);
      waiting_.push_back({stream, nullptr});
    }
    queued_.fetch_add(streams.size(), std::memory_order_relaxed);
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
      leave_places();
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

// Of full streams as many as may be kept aside; of the others those whose turn is over, as many as
// there are in want of a place; then who has more than those that wait.
void Engine::leave_places() {
  const std::lock_guard lock(mutex_);
  const std::size_t free = options_.max_live - std::min(live(), options_.max_live);
  std::size_t wanted = queued() - std::min(queued(), free);
  std::size_t parked = parked_;
  for (Group& group : groups_) {
    for (auto& member : group.members) {
      const bool full = member->stream->full();
      if (full ? parked >= options_.max_parked : wanted == 0 || member->turn < kTurn) continue;
      if (full) ++parked;
      if (wanted > 0) --wanted;
      leave(std::move(member));
    }
    std::erase(group.members, nullptr);
  }
  if (wanted > 0) share_places();
}

void Engine::leave(std::unique_ptr<Member> member) {
  auto stream = member->stream;
  placed_.remove(stream->generation().client);
  live_.fetch_sub(1, std::memory_order_relaxed);
  waiting_.push_back({std::move(stream), std::move(member)});
}

// A place changes hands, one in a step, while somebody who waits has two fewer than somebody else:
// of the texts of who has most, the one that has had its place for the longest.
void Engine::share_places() {
  const auto poorest = next_waiting();
  if (poorest == waiting_.end()) return;
  const Requester& poorer = poorest->stream->generation().client;
  std::vector<std::unique_ptr<Member>>* members = nullptr;
  std::size_t richest = 0;
  std::pair<RequesterCounts::Rank, std::uint64_t> most{};
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const Member& member = *group.members[i];
      const Requester& client = member.stream->generation().client;
      const std::pair has{placed_.rank(client), member.turn};
      if (!placed_.unfair(poorer, client) || (members != nullptr && has <= most)) continue;
      members = &group.members;
      richest = i;
      most = has;
    }
  }
  if (members == nullptr) return;
  const auto at = members->begin() + static_cast<std::ptrdiff_t>(richest);
  leave(std::move(*at));
  members->erase(at);
}

// Whose turn it is to get a place.
Engine::Line::iterator Engine::next_waiting() {
  auto next = waiting_.end();
  RequesterCounts::Rank least{};
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (at->stream->full()) continue;
    const auto rank = placed_.rank(at->stream->generation().client);
    if (next != waiting_.end() && rank >= least) continue;
    next = at;
    least = rank;
  }
  return next;
}

void Engine::admit() {
  for (Waiting& next : next_in_line()) join(std::move(next));
}

// Those that get a place now, which they have from here on; and a count of those that do not.
Engine::Line Engine::next_in_line() {
  Line joining;
  const std::lock_guard lock(mutex_);
  const auto take = [&](Line::iterator next) {
    placed_.add(next->stream->generation().client);
    joining.splice(joining.end(), waiting_, next);
    live_.fetch_add(1, std::memory_order_relaxed);
  };
  // Those that left or have to end while they wait go at once, whatever the places.
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto next = at++;
    if (next->stream->cancelled()) {
      held_.remove(next->stream->generation().client);
      waiting_.erase(next);
    } else if (next->stream->asked_to_end()) {
      take(next);
    }
  }
  while (live() < options_.max_live) {
    const auto next = next_waiting();
    if (next == waiting_.end()) break;
    take(next);
  }
  const auto parked = static_cast<std::size_t>(
      std::count_if(waiting_.begin(), waiting_.end(),
                    [](const Waiting& waiting) { return waiting.stream->full(); }));
  parked_.store(parked, std::memory_order_relaxed);
  queued_.store(waiting_.size() - parked, std::memory_order_relaxed);
  return joining;
}

void Engine::join(Waiting waiting) {
  try {
    auto member = waiting.member ? std::move(waiting.member) : begin(waiting.stream);
    member->turn = 0;
    Group& group = group_of(*waiting.stream->generation().snapshot, member->network);
    member->network = group.network;
    group.members.push_back(std::move(member));
  } catch (const std::exception&) {
    Piece piece;
    piece.finish = Finish::kFailed;
    forget(*waiting.stream);
    if (waiting.stream->push(piece)) told_.push_back(std::move(waiting.stream));
  }
}

std::unique_ptr<Engine::Member> Engine::begin(std::shared_ptr<Stream> stream) {
  Piece piece;
  auto member = std::make_unique<Member>(Member{stream, Row(stream->generation()), nullptr});
  member->row.begin(sampler_, piece);
  characters_.fetch_add(member->row.made(), std::memory_order_relaxed);
  settle(*member, piece);
  return member;
}

// `network`: of that snapshot, if there is one already.
Engine::Group& Engine::group_of(const Snapshot& snapshot,
                                std::shared_ptr<const PackedNetwork> network) {
  const auto same = [&](const Group& group) { return group.weights == snapshot.weights; };
  const auto found = std::find_if(groups_.begin(), groups_.end(), same);
  if (found != groups_.end()) return *found;
  drop_unused_groups();
  if (!network) {
    const PackedNetworkOptions options{.threads = options_.threads, .weights = options_.weights};
    network = std::make_shared<const PackedNetwork>(snapshot.network, *snapshot.weights, options);
  }
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

void Engine::rest(DutyCycle::Clock::time_point begin, std::chrono::nanoseconds cpu_before) {
  if (!training_.load(std::memory_order_relaxed) || options_.cores >= 1.0) return;
  const auto next = duty_.worked(begin, thread_cpu_time() - cpu_before);
  if (next - DutyCycle::Clock::now() < kLeastRest) return;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, next, [this] { return stop_; });
}

}  // namespace charrnn
