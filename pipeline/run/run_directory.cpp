#include "pipeline/run/run_directory.h"

#include "pipeline/run/run_files.h"

namespace charrnn {

RunDirectory::RunDirectory(const std::filesystem::path& directory)
    : path_(make_run_directory(directory)), lock_(path_), store_(path_ / "checkpoints") {
  store_.remove_leftovers();
}

void RunDirectory::go_on_from(std::uint64_t step, const std::optional<PendingValidation>& pending,
                              const Config& config) {
  log().rewind(step, pending ? std::optional(pending->step) : std::nullopt);
  write_config(path_, config);
}

void RunDirectory::put_back(const Config& config) {
  make_run_directory(path_);
  write_config(path_, config);
  log().reopen();
}

}  // namespace charrnn
