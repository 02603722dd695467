#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/trace.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/commands/version.h"
#include "pipeline/config/command_line.h"
#include "pipeline/config/config_text.h"
#include "pipeline/config/help.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {
namespace {

std::string shown(const CommandLine& line) {
  switch (line.show) {
    case Show::kHelp:
      return help_text();
    case Show::kVersion:
      return version_text();
    case Show::kConfig:
      return print_config(line.config, line.origins);
    case Show::kReference:
      return reference_ini();
    case Show::kCompletion:
      return bash_completion();
    case Show::kNothing:
      break;
  }
  return {};
}

ExitCode obey(const CommandLine& line, StopSignal& stop) {
  switch (line.command) {
    case Command::kRun:
      return train_command(line.config, stop, line.config.serve.enabled);
    case Command::kTrain:
      return train_command(line.config, stop, false);
    case Command::kServe:
      return serve_command(line.config, stop);
    case Command::kGenerate:
      return generate_command(line.config, stop);
    case Command::kEvaluate:
      return evaluate_command(line.config, stop);
    case Command::kPlan:
      return plan_command(line.config, stop);
    case Command::kInspect:
      return inspect_command(line.config, stop);
  }
  return ExitCode::kInternal;
}

// Obeys with a trace where one is asked for.
ExitCode obey_traced(const CommandLine& line, StopSignal& stop) {
  const auto& file = line.config.run.trace;
  if (file.empty()) return obey(line, stop);
  const Trace trace(file);
  const ExitCode code = obey(line, stop);
  if (const auto trouble = trace.trouble(); !trouble.empty()) {
    fmt::print(stderr, "warning: the trace is not whole: {}\n", trouble);
  }
  return code;
}

/// Stripes and batches come and go, made by one thread and freed by another. Without the first two
/// glibc gives their pages back to the kernel each time and takes them anew, which costs more than
/// what is done in them; without the third they scatter over an arena for each thread, and a long
/// run takes more memory than a short one. Small blocks do not meet there: each thread keeps some.
void keep_freed_memory() {
  constexpr int kBytes = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kBytes);
  mallopt(M_TRIM_THRESHOLD, kBytes);
  mallopt(M_ARENA_MAX, 1);
}

/// Clients and text of many files need more than the soft limit, which is made for select().
void open_as_many_files_as_allowed() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

ExitCode run(int argc, char** argv) {
  keep_freed_memory();
  open_as_many_files_as_allowed();
  StopSignal stop;
  const CommandLine line = parse_command_line(argc, argv, environ);
  for (const auto& warning : line.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (line.show != Show::kNothing) {
    write_out(shown(line));
    return ExitCode::kDone;
  }
  return obey_traced(line, stop);
}

ExitCode fail(ExitCode code, const char* message) {
  fmt::print(stderr, "charrnn_pipeline: {}\n", message);
  return code;
}

ExitCode guarded(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Stopped& stopped) {
    fmt::print(stderr, "{}\n", stopped.what());
    return ExitCode::kDone;
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kMemory, "out of memory. Lower train.batch or model.hidden");
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, error.what());
  }
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) { return static_cast<int>(charrnn::guarded(argc, argv)); }
