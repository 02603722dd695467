#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "pipeline/commands.h"
#include "pipeline/progress_display.h"
#include "pipeline/summary.h"
#include "pipeline/training.h"
#include "serve/server.h"

namespace charrnn {
namespace {

std::string opening_line(const Training& training, const Config& config) {
  return fmt::format(
      "{} in {}: {} characters of {} kinds; {} layers of {} units, {} parameters; {} backend on "
      "{}, {} "
      "compute threads{}",
      training.resumed() ? fmt::format("going on after step {}", training.progress().step)
                         : "training",
      config.run.directory.string(), training.corpus().characters(), training.network().vocabulary,
      training.network().layers, training.network().hidden, parameter_count(training.network()),
      training.choice().backend, training.choice().device, training.choice().kernel_threads,
      training.choice().backend == "hash" ? " (nothing is trained)" : "");
}

std::string closing_line(TrainingEnd end, const Training& training) {
  const std::uint64_t step = training.progress().step;
  if (end == TrainingEnd::kFinished) return fmt::format("training has ended after step {}", step);
  return fmt::format("stopped and saved after step {}: the same command goes on from there", step);
}

void tell_trouble(ProgressDisplay& display, const Checkpointer::Outcome& outcome) {
  if (!outcome.written) {
    display.message(
        fmt::format("warning: the checkpoint of step {} was not written: {}. Training goes on",
                    outcome.step, outcome.error));
  }
  for (const auto& warning : outcome.warnings) display.message("warning: " + warning);
}

}  // namespace

ExitCode train_command(const Config& config, StopSignal& stop, bool serves) {
  PublishedSnapshot published;
  std::optional<ProgressDisplay> display;
  TrainingView view;
  view.message = [&](const std::string& line) {
    display ? display->message(line) : fmt::print(stderr, "{}\n", line);
  };
  view.step = [&](const StepReport& report) { display->step(report); };
  view.validation = [&](const ValidationResult& result) { display->validation(result); };
  view.checkpoint = [&](const Checkpointer::Outcome& outcome) { tell_trouble(*display, outcome); };
  Training training(config, published, stop.requested(), view);
  display.emplace(config, training.end_batch(), published);
  display->message(opening_line(training, config));
  std::optional<Server> server;
  if (serves) {
    server.emplace(config.serve, config.generate, published);
    server->training(true);
    display->message(fmt::format("serving on {} port {}", config.serve.address, server->port()));
  }
  const TrainingEnd end = training.run();
  display.reset();
  for (const auto& line : summary(training.times())) fmt::print(stderr, "{}\n", line);
  fmt::print(stderr, "{}\n", closing_line(end, training));
  if (!training.digest().empty()) fmt::print("{}\n", training.digest());
  std::fflush(stdout);
  if (server) {
    server->training(false);
    stop.wait();
    server->stop();
  }
  return ExitCode::kDone;
}

}  // namespace charrnn
