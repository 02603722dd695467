#pragma once

#include <vector>

#include "nodes/messages.h"

namespace charrnn {

/// Cuts a stripe into its k batches, in order: inputs are the window's characters, targets those
/// one further in the text. Stateless.
std::vector<Batch> cut_batches(const SymbolStripe& stripe);

}  // namespace charrnn
