#include "pipeline/commands.h"
#include "pipeline/newest_model.h"
#include "pipeline/written_text.h"

namespace charrnn {

ExitCode generate_command(const Config& config, StopSignal& stop) {
  write_text(*snapshot_of(newest_model(config)), config, stop.requested());
  return ExitCode::kDone;
}

}  // namespace charrnn
