#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "serve/engine/generation.h"

namespace charrnn {

/// The newest places at which texts ended, under names that nobody can guess, so that a client can
/// go on without sending its text again. Bounded in number, and in the weights that it keeps alive.
/// One thread.
class TextStates {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostSnapshots = 2;

  /// Keeps a state; returns its name.
  std::string keep(std::shared_ptr<const TextState> state);

  /// The state of this name, or null when it is not kept (any more).
  std::shared_ptr<const TextState> find(std::string_view id) const;

 private:
  struct Entry {
    std::string id;
    std::shared_ptr<const TextState> state;
  };

  void drop_old_snapshots();

  std::list<Entry> entries_;  // the newest first
};

}  // namespace charrnn
