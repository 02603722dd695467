#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/config/config_reader.h"

namespace charrnn {

/// A folder that is removed with the test, with configuration files in it.
class ConfigFolder {
 public:
  ConfigFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ConfigFolder() { std::filesystem::remove_all(path_); }
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file and returns its full name.
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// What reading a configuration complains about; empty when it does not.
inline std::string complaint(const ConfigSources& sources) {
  try {
    read_config(sources);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kConfig ? error.what() : "another exit code";
  }
  return {};
}

}  // namespace charrnn
