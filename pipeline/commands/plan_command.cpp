#include <fmt/format.h>

#include "base/standard_error.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/plan_text.h"
#include "pipeline/commands/run_plan.h"
#include "pipeline/commands/standard_output.h"

namespace charrnn {

void plan_command(const Config& config, StopSignal& stop) {
  const RunPlan plan = make_plan(config, stop.requested());
  for (const auto& warning : plan_warnings(plan)) tell("warning: " + warning);
  write_out(plan_text(plan, config));
  if (const auto trouble = disk_trouble(plan)) throw Error(ErrorKind::kIo, *trouble);
}

}  // namespace charrnn
