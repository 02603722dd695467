#include "serve/access.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "base/error.h"
#include "serve/url.h"

namespace charrnn {
namespace {

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// Looks at every byte of `key`, however early they differ.
bool equal_in_constant_time(std::string_view key, std::string_view shown) {
  volatile unsigned char difference = key.size() == shown.size() ? 0 : 1;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char other = shown.empty() ? '\0' : shown[i % shown.size()];
    difference = static_cast<unsigned char>(difference | (key[i] ^ other));
  }
  return difference == 0;
}

}  // namespace

ApiKeys::ApiKeys(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(ErrorKind::kConfig, "serve.api_key_file: cannot read " + file.string());
  }
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorKind::kConfig,
                "serve.api_key_file: others can read " + file.string() + "; chmod 600 it");
  }
  for (std::string line; std::getline(in, line);) {
    line = trimmed(line);
    if (!line.empty() && line.front() != '#') keys_.push_back(line);
  }
  if (keys_.empty()) {
    throw Error(ErrorKind::kConfig,
                "serve.api_key_file: there is no key in " + file.string() + "; write one a line");
  }
}

bool ApiKeys::accept(std::string_view key) const {
  bool known = keys_.empty();
  for (const std::string& one : keys_) known = equal_in_constant_time(one, key) || known;
  return known;
}

HostNames::HostNames(std::vector<std::string> others) : others_(std::move(others)) {
  for (std::string& name : others_) name = host_name(name).value_or(name);
}

bool HostNames::accept(const std::optional<std::string>& host, std::string_view local) const {
  // Browsers always name one.
  if (!host) return true;
  constexpr std::array<std::string_view, 3> kLoopback = {"localhost", "127.0.0.1", "::1"};
  const auto is = [&host](std::string_view name) { return name == "*" || name == *host; };
  return *host == local || std::any_of(kLoopback.begin(), kLoopback.end(), is) ||
         std::any_of(others_.begin(), others_.end(), is);
}

}  // namespace charrnn
