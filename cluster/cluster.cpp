#include "cluster/cluster.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>

namespace charrnn {
namespace {

// Notes: "b" is busy; "f17 reason" has failed after 17 operations.
constexpr char kBusy = 'b';
constexpr char kFailed = 'f';
constexpr std::chrono::microseconds kNap{50};
constexpr int kNapsBetweenNotes = 20;
constexpr int kTurnsBeforeNaps = 2000;
constexpr std::size_t kOneBroadcast = std::size_t{1} << 30;

std::string described(const Error& error) {
  return std::to_string(static_cast<int>(error.kind())) + ' ' + error.what();
}

}  // namespace

Cluster::Cluster(std::unique_ptr<Messenger> messenger, double timeout)
    : messenger_(std::move(messenger)), timeout_(timeout) {
  machines_.resize(static_cast<std::size_t>(size()));
  patient_ = true;
  machines_ = exchange(messenger_->machine());
  patient_ = false;
}

Cluster::~Cluster() = default;

std::string Cluster::name(int rank) const {
  return "rank " + std::to_string(rank) + " (" + machines_[static_cast<std::size_t>(rank)] + ")";
}

void Cluster::sum(std::span<float> numbers) {
  ++begun_;
  bytes_ += numbers.size_bytes();
  wait_measured(messenger_->sum(numbers), begun_);
}

void Cluster::merge(std::span<std::byte> bytes) {
  ++begun_;
  wait(messenger_->merge(bytes), begun_);
}

// A rank sends when it enters hand_on(), so that is the operation which is waited for.
bool Cluster::take_over(std::span<float> numbers) {
  if (leads()) return false;
  wait_measured(messenger_->receive(std::as_writable_bytes(numbers), rank() - 1), begun_ + 1);
  return true;
}

void Cluster::hand_on(std::span<float> numbers) {
  ++begun_;
  bytes_ += numbers.size_bytes();
  if (rank() + 1 < size()) {
    wait_measured(messenger_->send(std::as_bytes(numbers), rank() + 1), begun_);
  }
  wait_measured(messenger_->broadcast(std::as_writable_bytes(numbers), size() - 1), begun_);
}

void Cluster::broadcast(std::span<std::byte> bytes) {
  ++begun_;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kOneBroadcast));
    wait(messenger_->broadcast(part, 0), begun_);
    bytes = bytes.subspan(part.size());
  }
}

void Cluster::broadcast(std::string& text) {
  std::uint64_t size = text.size();
  broadcast(std::as_writable_bytes(std::span(&size, 1)));
  text.resize(size);
  broadcast(std::as_writable_bytes(std::span(text)));
}

std::vector<std::string> Cluster::exchange(const std::string& text) {
  std::vector<std::uint64_t> sizes(static_cast<std::size_t>(size()));
  sizes[static_cast<std::size_t>(rank())] = text.size();
  merge(std::as_writable_bytes(std::span(sizes)));
  std::uint64_t all = 0;
  std::uint64_t mine = 0;
  for (int i = 0; i < size(); ++i) {
    if (i == rank()) mine = all;
    all += sizes[static_cast<std::size_t>(i)];
  }
  std::string joined(all, '\0');
  joined.replace(mine, text.size(), text);
  merge(std::as_writable_bytes(std::span(joined)));
  std::vector<std::string> texts;
  std::size_t at = 0;
  for (const std::uint64_t length : sizes) {
    texts.push_back(joined.substr(at, length));
    at += length;
  }
  return texts;
}

void Cluster::together(const std::function<void()>& work) {
  std::exception_ptr mine;
  std::string told;
  try {
    work();
  } catch (const Error& error) {
    mine = std::current_exception();
    told = described(error);
  } catch (const std::exception& error) {
    mine = std::current_exception();
    told = described(Error(ErrorKind::kInternal, error.what()));
  }
  patient_ = true;
  const std::vector<std::string> all = exchange(told);
  patient_ = false;
  if (mine) {
    close();
    std::rethrow_exception(mine);
  }
  for (int i = 0; i < size(); ++i) {
    const std::string& text = all[static_cast<std::size_t>(i)];
    if (text.empty()) continue;
    close();
    const std::size_t space = text.find(' ');
    throw Error(static_cast<ErrorKind>(std::stoi(text.substr(0, space))),
                name(i) + ": " + text.substr(space + 1));
  }
}

void Cluster::fail(const std::string& reason) {
  note_all(kFailed + std::to_string(begun_) + ' ' + reason);
}

void Cluster::busy() {
  const auto now = Clock::now();
  if (closed_ || now - said_ < std::chrono::seconds(1)) return;
  said_ = now;
  note_all(std::string(1, kBusy));
}

void Cluster::note_all(const std::string& text) {
  for (int i = 0; i < size(); ++i) {
    if (i != rank()) messenger_->note(text, i);
  }
}

void Cluster::start_afresh() {
  messenger_->start_afresh();
  begun_ = 0;
  failed_after_ = UINT64_MAX;
}

void Cluster::close() {
  if (std::exchange(closed_, true)) return;
  messenger_->close();
}

// What all ranks had entered when one failed can still be done; what it had not entered cannot.
void Cluster::read_notes(std::uint64_t number) {
  while (const auto note = messenger_->read_note()) {
    heard_ = Clock::now();
    if (note->text.front() != kFailed) continue;
    std::uint64_t after = 0;
    const char* text = note->text.c_str() + 1;
    const auto end = std::from_chars(text, note->text.c_str() + note->text.size(), after).ptr;
    if (after >= failed_after_) continue;
    failed_after_ = after;
    failure_ = name(note->from) + ":" + end;
  }
  if (number > failed_after_) throw OtherRankFailed(failure_, true);
}

void Cluster::give_up() const {
  throw OtherRankFailed("another process of this run has not answered for " +
                            std::to_string(static_cast<int>(timeout_)) +
                            " seconds (cluster.timeout): it has died, hangs, or the network is cut",
                        false);
}

void Cluster::wait(Messenger::Operation operation, std::uint64_t number) {
  heard_ = Clock::now();
  for (int turn = 0; !messenger_->done(operation); ++turn) {
    if (turn < kTurnsBeforeNaps) {
      sched_yield();
      continue;
    }
    std::this_thread::sleep_for(kNap);
    if (turn % kNapsBetweenNotes != 0) continue;
    read_notes(number);
    const std::chrono::duration<double> silent = Clock::now() - heard_;
    if (!patient_ && silent.count() > timeout_) give_up();
  }
}

void Cluster::wait_measured(Messenger::Operation operation, std::uint64_t number) {
  const auto start = Clock::now();
  wait(operation, number);
  waited_ += std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace charrnn
