#pragma once

#include <string_view>

namespace charrnn {

/// Writes to standard output, at once. Throws Error(kIo) when that fails, Stopped when whoever read
/// it has gone (`... | head`).
void write_out(std::string_view text);

}  // namespace charrnn
