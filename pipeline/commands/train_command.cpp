#include <fmt/format.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/readable_number.h"
#include "base/service_manager.h"
#include "base/standard_error.h"
#include "cluster/start.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/followed_run.h"
#include "pipeline/commands/progress_display.h"
#include "pipeline/commands/recorded_run.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/commands/written_text.h"
#include "pipeline/graph/summary.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/corpus_names.h"
#include "pipeline/run/loss_watch.h"
#include "pipeline/run/member.h"
#include "pipeline/run/run_status.h"
#include "pipeline/run/training.h"
#include "serve/server.h"

namespace charrnn {
namespace {

std::string opening_line(const Training& training, const Config& config) {
  return fmt::format(
      "{} in {}: {} characters of {} kinds; {} of {} units, {} parameters; {} backend on "
      "{}, {} "
      "compute threads{}",
      training.resumed() ? fmt::format("going on after step {}", training.progress().step)
                         : "training",
      config.run.directory.string(), training.corpus().characters(), training.network().vocabulary,
      counted(training.network().layers, "layer"), training.network().hidden,
      parameter_count(training.network()), word_of(training.choice().backend),
      word_of(training.choice().device), training.choice().kernel_threads,
      training.choice().backend == BackendKind::kHash ? " (nothing is trained)" : "");
}

std::string closing_line(TrainingEnd end, const Training& training, std::uint64_t first) {
  const std::uint64_t step = training.progress().step;
  if (end == TrainingEnd::kFinished && step == first) {
    return fmt::format(
        "nothing to do: this run had ended after step {}. Raise train.epochs, train.max_steps or "
        "train.max_seconds to go on, or name another run.directory",
        step);
  }
  if (end == TrainingEnd::kFinished) return fmt::format("training has ended after step {}", step);
  return fmt::format("stopped and saved after step {}: the same command goes on from there", step);
}

void tell_trouble(const Checkpointer::Outcome& outcome) {
  if (!outcome.written) {
    tell(fmt::format("warning: the checkpoint of step {} was not written: {}. Training goes on",
                     outcome.step, outcome.error));
  }
  for (const auto& warning : outcome.warnings) tell("warning: " + warning);
}

ServeOptions serve_options(const Config& config, const Training& training, RunStatus& status) {
  ServeOptions options = config.serve;
  options.threads = serving_threads(config);
  options.metrics_file = config.run.directory / "metrics.jsonl";
  options.checkpoints = checkpoints_to_choose(config.run.directory / "checkpoints");
  options.corpus = corpus_names(config.corpus.files);
  options.run_status = [&] { return status.json(training.times()); };
  return options;
}

// A sample of what was learned. That it cannot be written ends no server.
void write_sample(const Config& config, const PublishedSnapshot& published,
                  const std::atomic<bool>& stop) {
  if (stop) return;
  Config one = config;
  one.generate.samples = 1;
  one.generate.format = SampleFormat::kText;
  // Standard input belongs to the command generate.
  if (one.generate.prompt_file == "-") one.generate.prompt_file.clear();
  try {
    write_text(*published.load(), one, stop);
  } catch (const std::runtime_error& error) {
    tell(fmt::format("warning: no sample: {}", error.what()));
  }
}

// How to ask the server on this machine: with a key, a plain line is refused.
void tell_served(const ServeOptions& options, std::uint16_t port, const std::atomic<bool>& stop) {
  if (stop) return;
  const bool anywhere = options.address == "0.0.0.0" || options.address == "::";
  const std::string host = anywhere ? "127.0.0.1" : options.address;
  tell(fmt::format("serving on {} port {} until Ctrl-C{}", options.address, port,
                   options.api_key_file.empty()
                       ? fmt::format("; try: echo \"In the beginning\" | nc {} {}", host, port)
                       : ""));
}

// Until somebody ends it.
void serve_on(const ServeOptions& options, Server& server, StopSignal& stop) {
  tell_served(options, server.port(), stop.requested());
  stop.wait();
  notify_service_manager("STOPPING=1");
  server.stop();
}

// Lets a display follow the width of its terminal as long as this object lives.
class FollowsWidth {
 public:
  FollowsWidth(StopSignal& stop, ProgressDisplay& display) : stop_(stop) {
    stop.on_resize([&display] { display.resized(); });
  }
  ~FollowsWidth() { stop_.on_resize({}); }
  FollowsWidth(const FollowsWidth&) = delete;
  FollowsWidth& operator=(const FollowsWidth&) = delete;

 private:
  StopSignal& stop_;
};

// For the report. A run without it is as good.
void save_end(const Config& config, const Training& training, RunStatus& status) {
  if (training.times()[Stage::kTrainStep].read().calls == 0) return;
  try {
    record_end(config.run.directory, status.json(training.times()),
               {{"backend", word_of(training.choice().backend)},
                {"device", word_of(training.choice().device)},
                {"threads", training.choice().kernel_threads}});
  } catch (const Error& error) {
    tell(fmt::format("warning: {}", error.what()));
  }
}

// The other processes of this run, when mpirun has started several.
std::unique_ptr<Cluster> join_cluster(const Config& config) {
  if (!one_of_several()) return nullptr;
  return std::make_unique<Cluster>(join_others(), config.cluster.timeout);
}

std::shared_ptr<Partners> make_partners(Cluster* cluster, const Config& config, StopSignal& stop) {
  if (cluster == nullptr) return nullptr;
  std::function<void(const std::string&)> say;
  if (cluster->leads()) say = [](const std::string& line) { tell(line); };
  return std::make_shared<Partners>(*cluster, config.cluster.exact, stop.requested(), say);
}

// With several processes, all of them know where the run begins when this returns.
std::unique_ptr<Training> make_training(const Config& config, PublishedSnapshot& published,
                                        StopSignal& stop, const TrainingView& view,
                                        const std::shared_ptr<Partners>& partners) {
  std::unique_ptr<Training> training;
  const auto make = [&] {
    training = std::make_unique<Training>(config, published, stop.requested(), view, partners);
  };
  if (!partners) {
    make();
  } else {
    partners->cluster().together(make);
    training->meet();
  }
  return training;
}

void tell_status(const Training& training, const Config& config, RunStatus& status) {
  status.corpus(training.corpus().characters(), training.network().vocabulary);
  status.ends_at(training.last_step(), config.train.max_seconds);
}

// The whole run of one process, or what rank 0 does of it.
void lead(const Config& config, StopSignal& stop, bool serves,
          const std::shared_ptr<Partners>& partners) {
  if (serves) check_serving(config.serve);
  PublishedSnapshot published;
  RunStatus status;
  std::optional<ProgressDisplay> display;
  std::optional<LossWatch> loss_watch;
  TrainingView view;
  view.message = [](const std::string& line) { tell(line); };
  view.step = [&](const StepReport& report) {
    status.step(report);
    display->step(report);
    if (const auto line = loss_watch->step(report)) tell(*line);
  };
  view.validation = [&](const ValidationResult& result) {
    status.validation(result);
    display->validation(result);
  };
  view.checkpoint = tell_trouble;
  const auto made = make_training(config, published, stop, view, partners);
  Training& training = *made;
  tell_status(training, config, status);
  loss_watch.emplace(training.network().vocabulary);
  display.emplace(config, training.last_step(), published);
  display->on_sample = [&](std::uint64_t step, const std::string& text) {
    status.sample(step, text);
  };
  std::optional<FollowsWidth> follows_width(std::in_place, stop, *display);
  tell(opening_line(training, config));
  std::optional<Server> server;
  if (serves) {
    server.emplace(serve_options(config, training, status), config.generate, published);
    server->training(true);
    tell(fmt::format("serving on {} port {}", config.serve.address, server->port()));
  }
  notify_service_manager("READY=1\nSTATUS=training");
  const std::uint64_t first = training.progress().step;
  const TrainingEnd end = training.run();
  status.ended(end);
  follows_width.reset();
  save_end(config, training, status);
  display.reset();
  for (const auto& line : summary(training.times())) tell(line);
  tell(closing_line(end, training, first));
  if (!training.digest().empty()) write_out(training.digest() + "\n");
  if (!server) return;
  server->training(false);
  // The hash backend has learned nothing to write.
  if (training.digest().empty()) write_sample(config, published, stop.requested());
  serve_on(config.serve, *server, stop);
}

void train(const Config& config, StopSignal& stop, bool serves) {
  const std::unique_ptr<Cluster> cluster = join_cluster(config);
  const auto partners = make_partners(cluster.get(), config, stop);
  if (cluster && !cluster->leads()) return take_part(config, partners, stop.requested());
  lead(config, stop, serves, partners);
}

}  // namespace

void run_command(const Config& config, StopSignal& stop) {
  train(config, stop, config.serve.enabled);
}

void train_command(const Config& config, StopSignal& stop) { train(config, stop, false); }

}  // namespace charrnn
