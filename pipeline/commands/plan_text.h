#pragma once

#include <string>
#include <vector>

#include "pipeline/commands/run_plan.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// What `plan` prints: sections of lines, each a name and what there is to say.
std::string plan_text(const RunPlan& plan, const Config& config);

/// What the user should look at before starting this run, a line each: the disk has room for one
/// checkpoint only, more threads compute than there are cores.
std::vector<std::string> plan_warnings(const RunPlan& plan);

}  // namespace charrnn
