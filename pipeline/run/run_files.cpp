#include "pipeline/run/run_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/new_file.h"
#include "pipeline/config/config_text.h"

namespace charrnn {

std::filesystem::path make_run_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory / "checkpoints", error);
  if (!error && ::access(directory.c_str(), W_OK) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    throw Error(ErrorKind::kIo,
                fmt::format("cannot use {} as run.directory: {}. Choose one that can be "
                            "written to",
                            directory.string(), error.message()));
  }
  return directory;
}

void write_config(const std::filesystem::path& directory, const Config& config) {
  remove_abandoned_files(directory);
  write_whole_file(directory / "config.ini", to_ini(config, directory));
}

}  // namespace charrnn
