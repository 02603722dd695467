#include "pipeline/run/newest_model.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "base/standard_error.h"
#include "pipeline/run/stored_reading.h"

namespace charrnn {
namespace {

void add_stored_reading(const Config& config, Snapshot& model) {
  const auto file =
      config.run.directory / "checkpoints" / fmt::format("{:09}", model.step) / "config.ini";
  std::ifstream stream(file, std::ios::binary);
  const std::string ini(std::istreambuf_iterator<char>(stream), {});
  auto vocabulary = std::make_shared<Vocabulary>(*model.vocabulary);
  vocabulary->set_reading(stored_reading(ini));
  model.vocabulary = std::move(vocabulary);
}

}  // namespace

Snapshot newest_model(const Config& config) {
  std::vector<std::string> warnings;
  const CheckpointStore store(config.run.directory / "checkpoints");
  auto model = store.newest_model(&warnings);
  for (const auto& warning : warnings) tell("warning: " + warning);
  if (model) {
    if (!model->vocabulary->has_reading()) add_stored_reading(config, *model);
    return std::move(*model);
  }
  throw Error(
      ExitCode::kCheckpoint,
      fmt::format("there is no checkpoint in {}. Train first, with the same --config, or name "
                  "another run.directory",
                  config.run.directory.string()));
}

}  // namespace charrnn
