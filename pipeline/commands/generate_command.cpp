#include "pipeline/commands/commands.h"
#include "pipeline/commands/written_text.h"
#include "pipeline/run/run_model.h"

namespace charrnn {

void generate_command(const Config& config, StopSignal& stop) {
  write_text(run_model(config), config, stop.requested());
}

}  // namespace charrnn
