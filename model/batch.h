#pragma once

#include <cstdint>
#include <vector>

#include "corpus/symbol.h"

namespace charrnn {

/// One step's input: `rows` lanes of the corpus, one window of `length` characters each.
/// A pure function of (corpus, configuration, index): see nodes/lanes.h.
struct Batch {
  std::uint64_t index = 0;      ///< of this batch since the run's beginning, from 0
  std::uint64_t epoch = 1;      ///< from 1
  bool starts_epoch = false;    ///< the carried state of every row is zero before this batch
  bool ends_stripe = false;     ///< the last batch of its stripe: gives the stripe's credit back
  int rows = 0;                 ///< B
  int first_row = 0;            ///< of these rows, when other machines have the rest of the batch
  int all_rows = 0;             ///< of all machines; 0: these are all
  int length = 0;               ///< T
  std::vector<Symbol> inputs;   ///< [B, T]
  std::vector<Symbol> targets;  ///< [B, T]: the character that follows each input
  /// [B, T], empty when there are none: 1 where the row's state is zeroed before this character.
  std::vector<std::uint8_t> resets;

  /// Rows of the whole batch, wherever they are.
  int whole() const { return all_rows > 0 ? all_rows : rows; }
};

}  // namespace charrnn
