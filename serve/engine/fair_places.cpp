#include "serve/engine/fair_places.h"

#include <algorithm>

namespace charrnn {
namespace {

template <typename Map, typename Key>
void take_one(Map& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

template <typename Map, typename Key>
std::size_t count_of(const Map& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

void RequesterCounts::add(const Requester& client) {
  ++keys_[client.key];
  ++clients_[client];
}

void RequesterCounts::remove(const Requester& client) {
  take_one(keys_, client.key);
  take_one(clients_, client);
}

std::size_t RequesterCounts::of(const Requester& client) const {
  return count_of(clients_, client);
}

RequesterCounts::Rank RequesterCounts::rank(const Requester& client) const {
  return {count_of(keys_, client.key), of(client)};
}

bool RequesterCounts::unfair(const Requester& poorer, const Requester& richer) const {
  const Rank less = rank(poorer);
  const Rank more = rank(richer);
  if (poorer.key != richer.key) return less.first + 1 < more.first;
  return less.second + 1 < more.second;
}

bool may_hold(std::size_t asked, std::size_t mine, std::size_t held, std::size_t places) {
  if (held + asked > places) return false;
  const std::size_t then_free = places - held - asked;
  return mine + asked <= std::max<std::size_t>(then_free, 1);
}

std::size_t most_of_one_client(std::size_t places) { return std::max<std::size_t>(places / 2, 1); }

}  // namespace charrnn
