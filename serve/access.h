#pragma once

#include <filesystem>
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

/// True when the value of a Host header names this machine itself. A web page elsewhere that made
/// its own name point here (DNS rebinding) names another.
bool is_loopback_host(std::string_view host);

}  // namespace charrnn
