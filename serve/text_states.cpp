#include "serve/text_states.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

namespace charrnn {
namespace {

std::string drawn_name() {
  std::random_device device;
  char name[40];
  std::snprintf(name, sizeof name, "st-%08x%08x%08x%08x", device(), device(), device(), device());
  return name;
}

}  // namespace

std::string TextStates::keep(std::shared_ptr<const TextState> state, std::string key) {
  if (most_ == 0) return "";
  entries_.push_front({drawn_name(), std::move(state), std::move(key)});
  if (entries_.size() > most_) entries_.pop_back();
  drop_old_snapshots();
  return entries_.front().id;
}

std::shared_ptr<const TextState> TextStates::find(std::string_view id, std::string_view key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.id == id && entry.key == key;
  });
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return found->state;
}

void TextStates::drop_old_snapshots() {
  std::vector<const Weights*> kept;
  entries_.remove_if([&kept](const Entry& entry) {
    const Weights* weights = entry.state->snapshot->weights.get();
    if (std::find(kept.begin(), kept.end(), weights) != kept.end()) return false;
    if (kept.size() == kMostSnapshots) return true;
    kept.push_back(weights);
    return false;
  });
}

}  // namespace charrnn
