#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/running_clock.h"
#include "base/standard_error.h"
#include "base/trace.h"
#include "cluster/start.h"
#include "pipeline/commands/command_line.h"
#include "pipeline/commands/command_table.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/exit_code.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {
namespace {

// Training alone is shared among several processes.
void require_one_process(const Command& command) {
  const bool trains = command.run == run_command || command.run == train_command;
  if (trains || !one_of_several()) return;
  throw Error(ErrorKind::kUsage, "mpirun has started several processes of the command " +
                                     command.name +
                                     ", which is the work of one. Start it without mpirun");
}

// Runs the command, with a trace where one is asked for.
void obey(const CommandLine& line, StopSignal& stop) {
  require_one_process(*line.command);
  const auto& file = line.config.run.trace;
  if (file.empty()) return line.command->run(line.config, stop);
  const Trace trace(file);
  line.command->run(line.config, stop);
  if (const auto trouble = trace.trouble(); !trouble.empty()) {
    tell("warning: the trace is not whole: " + trouble);
  }
}

// Stripes and batches are allocated by one thread and freed by another, all the time. Without the
// first two settings glibc returns their pages to the kernel and fetches them again each time,
// which costs more than the work done in them. Without the third they scatter over one arena for
// each thread, and a long run takes more memory than a short one. Small blocks do not contend for
// the one arena: each thread keeps a few for itself.
void keep_freed_memory() {
  constexpr int kBytes = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kBytes);
  mallopt(M_TRIM_THRESHOLD, kBytes);
  mallopt(M_ARENA_MAX, 1);
}

// Many clients, or a text of many files, need more than the soft limit, which is meant for programs
// that use select().
void open_as_many_files_as_allowed() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

void run(int argc, char** argv) {
  RunningClock::follow_stops();
  keep_freed_memory();
  open_as_many_files_as_allowed();
  StopSignal stop;
  const CommandLine line = parse_command_line(argc, argv, environ);
  log_as(line.config.log);
  for (const auto& warning : line.warnings) tell("warning: " + warning);
  if (line.flag == nullptr) {
    require_threads(line.config.runtime);
    require_weight_format(line.config.serve.weights);
    return obey(line, stop);
  }
  write_out(line.flag->text(line));
}

int fail(ErrorKind kind, std::string_view message) {
  tell_error(fmt::format("charrnn_pipeline: {}", message));
  return exit_code(kind);
}

// A thread that cannot be started is the one system error that no library turns into its own.
int fail_for(const std::system_error& error) {
  if (error.code() != std::errc::resource_unavailable_try_again) {
    return fail(ErrorKind::kInternal, error.what());
  }
  return fail(ErrorKind::kMemory,
              "no further thread can be started. Raise the limit of processes (ulimit -u, or that "
              "of the container), or lower runtime.threads and runtime.kernel_threads");
}

int guarded(int argc, char** argv) {
  try {
    run(argc, argv);
  } catch (const Stopped& stopped) {
    tell(stopped.what());
  } catch (const Error& error) {
    return fail(error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::kMemory, "out of memory. Lower train.batch or model.hidden");
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorKind::kIo,
                fmt::format("cannot use {}: {}", error.path1().string(), error.code().message()));
  } catch (const std::system_error& error) {
    return fail_for(error);
  } catch (const std::exception& error) {
    return fail(ErrorKind::kInternal, error.what());
  }
  return 0;
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) {
  charrnn::open_missing_descriptors();
  return charrnn::guarded(argc, argv);
}
