#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// The keys that clients have to show, one a line of a file ('#' begins a comment).
class ApiKeys {
 public:
  /// None: nobody needs a key.
  ApiKeys() = default;

  /// Throws Error(kConfig) when the file cannot be read, holds no key, or is open to others.
  explicit ApiKeys(const std::filesystem::path& file);

  bool required() const { return !keys_.empty(); }

  /// True when no key is required or this is one. Takes the same time for every wrong key.
  bool accept(std::string_view key) const;

 private:
  std::vector<std::string> keys_;
};

/// The Host names that requests may carry. A web page elsewhere can make a name of its own point to
/// this machine (DNS rebinding), but its requests carry that name.
class HostNames {
 public:
  /// `others`: names that are accepted beside this machine's own; "*": every name.
  explicit HostNames(std::vector<std::string> others);

  /// `host`: see host_name(); nothing: the request names none. `local`: the address by which the
  /// client has reached this machine.
  bool accept(const std::optional<std::string>& host, std::string_view local) const;

 private:
  std::vector<std::string> others_;
};

}  // namespace charrnn
