#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace charrnn {

/// Who asked for a text: places are shared among keys, and those of a key among its connections.
struct Requester {
  std::uint64_t key = 0;
  std::uint64_t connection = 0;

  auto operator<=>(const Requester&) const = default;
};

/// How many texts each client has of something.
class RequesterCounts {
 public:
  /// The fewer, the sooner it is a client's turn: those of its key, then its own.
  using Rank = std::pair<std::size_t, std::size_t>;

  void add(const Requester& client);
  void remove(const Requester& client);

  std::size_t of(const Requester& client) const;
  Rank rank(const Requester& client) const;

  /// True when `poorer` should have one of the texts that `richer` has: one that passes from one to
  /// the other leaves neither with less than it leaves the other.
  bool unfair(const Requester& poorer, const Requester& richer) const;

 private:
  std::map<std::uint64_t, std::size_t> keys_;
  std::map<Requester, std::size_t> clients_;
};

/// Whether a client may have `asked` more texts beside the `mine` that it has, when `held` of all
/// `places` are taken: what is left free must be as much as all that it then has, so that others
/// always find room. A client's first text needs a free place only.
bool may_hold(std::size_t asked, std::size_t mine, std::size_t held, std::size_t places);

/// The most texts that one request can ask for.
std::size_t most_of_one_client(std::size_t places);

}  // namespace charrnn
