#include <fmt/format.h>

#include <cstdio>

#include "pipeline/commands.h"
#include "pipeline/plan_text.h"
#include "pipeline/run_plan.h"
#include "pipeline/standard_output.h"

namespace charrnn {

ExitCode plan_command(const Config& config, StopSignal& stop) {
  const RunPlan plan = make_plan(config, stop.requested());
  for (const auto& warning : plan_warnings(plan)) fmt::print(stderr, "warning: {}\n", warning);
  write_out(plan_text(plan, config));
  if (const auto trouble = disk_trouble(plan)) throw Error(ExitCode::kIo, *trouble);
  return ExitCode::kDone;
}

}  // namespace charrnn
