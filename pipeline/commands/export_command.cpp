#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/new_file.h"
#include "base/standard_error.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/exported_model.h"
#include "pipeline/run/run_model.h"

namespace charrnn {

extern const std::string_view kPythonModel;  // charrnn.py

namespace {

// Nothing that is there already is overwritten: it may be another model, or a checkpoint.
void require_new(const std::filesystem::path& directory) {
  if (directory.empty()) {
    throw Error(ErrorKind::kConfig,
                "export.directory names no folder; add --export.directory=FOLDER");
  }
  std::error_code error;
  const bool there = std::filesystem::exists(directory, error);
  if (!there || (std::filesystem::is_directory(directory, error) &&
                 std::filesystem::is_empty(directory, error))) {
    return;
  }
  throw Error(ErrorKind::kConfig,
              fmt::format("export.directory = {} is not an empty folder, and export overwrites "
                          "nothing; name a new folder, or empty this one",
                          directory.string()));
}

}  // namespace

void export_command(const Config& config, StopSignal&) {
  const auto& directory = config.exports.directory;
  require_new(directory);
  const Snapshot model = run_model(config);
  write_whole_file(directory / "model.safetensors", exported_weights(model));
  write_whole_file(directory / "tokenizer.json", exported_tokenizer(*model.vocabulary));
  write_whole_file(directory / "charrnn.py", kPythonModel);
  write_whole_file(directory / "config.json", exported_config(model));
  tell(
      fmt::format("exported step {} to {}: model.safetensors, tokenizer.json, config.json, "
                  "charrnn.py",
                  model.step, directory.string()));
}

}  // namespace charrnn
