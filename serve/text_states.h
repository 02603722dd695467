#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "serve/engine/generation.h"

namespace charrnn {

/// The places at which texts ended, under names that nobody can guess, so that a client can go on
/// without sending its text again. Those that were kept or used last stay. Bounded in number, and
/// in the weights that it keeps alive. One thread.
class TextStates {
 public:
  static constexpr std::size_t kMostSnapshots = 2;

  /// Keeps up to `most` states.
  explicit TextStates(std::size_t most) : most_(most) {}

  /// Keeps a state for who has this `key`; returns its name.
  std::string keep(std::shared_ptr<const TextState> state, std::string key);

  /// The state of this name, or null when it is not kept (any more) or belongs to another key.
  std::shared_ptr<const TextState> find(std::string_view id, std::string_view key);

 private:
  struct Entry {
    std::string id;
    std::shared_ptr<const TextState> state;
    std::string key;
  };

  void drop_old_snapshots();

  const std::size_t most_;
  std::list<Entry> entries_;  // the last used first
};

}  // namespace charrnn
