#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace charrnn {

/// The text of the member `name` of the JSON object `json`, without anything
/// made of the rest. Nothing when there is none, when it is no text or has more
/// than 4096 bytes, or when what stands before it is not JSON.
std::optional<std::string> find_text(std::string_view json, std::string_view name);

}  // namespace charrnn
