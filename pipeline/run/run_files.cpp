#include "pipeline/run/run_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "pipeline/config/config_text.h"

namespace charrnn {

std::filesystem::path make_run_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory / "checkpoints", error);
  if (!error && ::access(directory.c_str(), W_OK) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    throw Error(ExitCode::kIo,
                fmt::format("cannot use {} as run.directory: {}. Choose one that can be "
                            "written to",
                            directory.string(), error.message()));
  }
  return directory;
}

void write_config(const std::filesystem::path& directory, const Config& config) {
  const auto file = directory / "config.ini";
  const auto fresh = directory / "config.ini.tmp";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << to_ini(config);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) {
    throw Error(ExitCode::kIo, fmt::format("cannot write {}: is the disk full?", file.string()));
  }
}

}  // namespace charrnn
