#include "pipeline/commands/commands.h"
#include "pipeline/commands/written_records.h"
#include "pipeline/commands/written_text.h"
#include "pipeline/run/run_model.h"

namespace charrnn {

void generate_command(const Config& config, StopSignal& stop) {
  const auto write = config.generate.count > 0 ? write_records : write_text;
  write(run_model(config), config, stop.requested());
}

}  // namespace charrnn
