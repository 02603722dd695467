#include "pipeline/config/options_table.h"

#include <cctype>

#include "pipeline/config/option_rows.h"

namespace charrnn {
namespace {

constexpr Range kPositive = {.low = 1, .high = 1 << 20};
constexpr Range kTimeLimit = {.low = 0.1, .high = 604800};  // a week

Rows run_rows() {
  return {
      {.key = "run.directory",
       .help = "folder for the files of this run; empty: runs/NAME, after the configuration's name",
       .field = bind<&Config::run, &RunOptions::directory>()},
      {.key = "run.checkpoint",
       .help = "checkpoint to generate with, score or serve: newest, best, a step or a folder",
       .field = bind<&Config::run, &RunOptions::checkpoint>(),
       .for_one_start = true},
      {.key = "run.accept_changed_corpus",
       .help = "resume although the text or its order is not what the run began with",
       .field = bind<&Config::run, &RunOptions::accept_changed_corpus>(),
       .for_one_start = true},
      {.key = "run.accept_changed_training",
       .help = "resume although the batch, the sequence length or the optimiser differ from before",
       .field = bind<&Config::run, &RunOptions::accept_changed_training>(),
       .for_one_start = true},
      {.key = "run.trace",
       .help = "write a trace for Perfetto or chrome://tracing to this file; empty: none",
       .field = bind<&Config::run, &RunOptions::trace>()},
      {.key = "metrics.every_steps",
       .help = "steps from one training record of metrics.jsonl to the next",
       .field = bind<&Config::metrics, &MetricsOptions::every_steps>(),
       .range = {.low = 1}},
      {.key = "log.format",
       .help = "how standard error is written: for people, or a JSON object a line",
       .field = bind<&Config::log, &LogOptions::format>()},
      {.key = "log.quiet",
       .help = "tell only warnings and errors; --quiet sets it",
       .field = bind<&Config::log, &LogOptions::quiet>()},
  };
}

Rows runtime_rows() {
  return {
      {.key = "runtime.device",
       .help = "where the network is trained; auto: on a GPU if there is one",
       .field = bind<&Config::runtime, &RuntimeOptions::device>()},
      {.key = "runtime.backend",
       .help = "what trains it; hash trains nothing and digests its batches",
       .field = bind<&Config::runtime, &RuntimeOptions::backend>()},
      {.key = "runtime.precision",
       .help = "what products multiply; bf16 (a CPU with AVX512-BF16) is nearly twice as fast; "
               "tf32, amp: GPUs",
       .field = bind<&Config::runtime, &RuntimeOptions::precision>()},
      {.key = "runtime.threads",
       .help = "threads of the flow graph; 0: one for each core",
       .field = bind<&Config::runtime, &RuntimeOptions::threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "runtime.kernel_threads",
       .help = "threads that compute; 0: one for each core",
       .field = bind<&Config::runtime, &RuntimeOptions::kernel_threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "runtime.stripe_windows",
       .help = "windows of every row that one read from disk brings",
       .field = bind<&Config::runtime, &RuntimeOptions::stripe_windows>(),
       .range = kPositive},
      {.key = "runtime.stripe_credits",
       .help = "reads that may be under way between the disk and the batches",
       .field = bind<&Config::runtime, &RuntimeOptions::stripe_credits>(),
       .range = {.low = 2, .high = 1024}},
  };
}

Rows cluster_rows() {
  return {
      {.key = "cluster.exact",
       .help = "learn the same bits with any number of processes; slower with many",
       .field = bind<&Config::cluster, &ClusterOptions::exact>()},
      {.key = "cluster.timeout",
       .help = "seconds after which a process that does not answer is lost, and the run ends",
       .field = bind<&Config::cluster, &ClusterOptions::timeout>(),
       .range = {.low = 1, .high = 86400}},
  };
}

Rows serve_rows() {
  return {
      {.key = "serve.enabled",
       .help = "whether the command run also serves",
       .field = bind<&Config::serve, &ServeOptions::enabled>()},
      {.key = "serve.address",
       .help = "address to listen on",
       .field = bind<&Config::serve, &ServeOptions::address>()},
      {.key = "serve.port",
       .help = "port to listen on; 0: any free one",
       .field = bind<&Config::serve, &ServeOptions::port>(),
       .range = {.low = 0, .high = 65535}},
      {.key = "serve.share",
       .help = "share of the cores that generating text may take from training",
       .field = bind<&Config::serve, &ServeOptions::share>(),
       .range = {.low = 0.01, .high = 1}},
      {.key = "serve.threads",
       .help = "threads that generate text when nothing is trained; 0: runtime.kernel_threads",
       .field = bind<&Config::serve, &ServeOptions::threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "serve.weights",
       .help = "format of the weights that text is generated with; bf16 and int8 are faster, less "
               "accurate",
       .field = bind<&Config::serve, &ServeOptions::weights>()},
  };
}

Rows access_rows() {
  return {
      {.key = "serve.unix_socket",
       .help = "UNIX socket to listen on as well; empty: none",
       .field = bind<&Config::serve, &ServeOptions::unix_socket>()},
      {.key = "serve.api_key_file",
       .help = "file of API keys, one a line, readable by its owner only; empty: no key is needed",
       .field = bind<&Config::serve, &ServeOptions::api_key_file>()},
      {.key = "serve.certificate",
       .help = "PEM file of the certificate chain; with it, the port speaks TLS; empty: no TLS",
       .field = bind<&Config::serve, &ServeOptions::certificate>()},
      {.key = "serve.private_key",
       .help = "PEM file of the certificate's private key, without a pass phrase",
       .field = bind<&Config::serve, &ServeOptions::private_key>()},
      {.key = "serve.insecure",
       .help = "listen without a key on an address that other machines reach",
       .field = bind<&Config::serve, &ServeOptions::insecure>()},
      {.key = "serve.allowed_hosts",
       .help =
           "names that a Host header may have besides those of this machine; *: any; repeatable",
       .field = bind<&Config::serve, &ServeOptions::allowed_hosts>()},
      {.key = "serve.cors_origins",
       .help =
           "origins of web pages that may use the endpoint, https://app.example or *; repeatable",
       .field = bind<&Config::serve, &ServeOptions::cors_origins>()},
      {.key = "serve.log",
       .help = "whether each request is logged on standard error, and how",
       .field = bind<&Config::serve, &ServeOptions::log>()},
      {.key = "serve.unknown",
       .help = "what happens to a character of a prompt that the vocabulary lacks",
       .field = bind<&Config::serve, &ServeOptions::unknown>()},
      {.key = "serve.max_live",
       .help = "texts that are generated at the same time",
       .field = bind<&Config::serve, &ServeOptions::max_live>(),
       .range = {.low = 1, .high = 4096}},
      {.key = "serve.max_queued",
       .help = "texts that may wait for a place; further requests are refused",
       .field = bind<&Config::serve, &ServeOptions::max_queued>(),
       .range = {.low = 0, .high = 65536}},
      {.key = "serve.max_states",
       .help = "ends of texts that are kept for clients that ask for it (keep_state); 0: none",
       .field = bind<&Config::serve, &ServeOptions::max_states>(),
       .range = {.low = 0, .high = 65536}},
      {.key = "serve.max_connections",
       .help = "connections that are open at the same time; further ones wait",
       .field = bind<&Config::serve, &ServeOptions::max_connections>(),
       .range = {.low = 1, .high = 1 << 20}},
  };
}

Rows patience_rows() {
  return {
      {.key = "serve.header_seconds",
       .help = "a client has to send its first line or header in this time, or 500 bytes of it a "
               "second",
       .field = bind<&Config::serve, &ServeOptions::header_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.body_seconds",
       .help =
           "a client has to send the body of a request in this time, or 500 bytes of it a second",
       .field = bind<&Config::serve, &ServeOptions::body_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.send_seconds",
       .help = "a client has to read its answer in this time, or 500 bytes of it a second",
       .field = bind<&Config::serve, &ServeOptions::send_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.idle_seconds",
       .help = "time between two requests on one connection",
       .field = bind<&Config::serve, &ServeOptions::idle_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.request_seconds",
       .help = "the texts of one answer have to be generated in this time",
       .field = bind<&Config::serve, &ServeOptions::request_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.drain",
       .help = "time that texts may go on when the server is told to stop",
       .field = bind<&Config::serve, &ServeOptions::drain_seconds>(),
       .range = {.low = 0, .high = 3600},
       .seconds = true},
  };
}

Rows scoring_rows() {
  return {
      {.key = "evaluate.files",
       .help = "text that evaluate scores as a whole; empty: the validation text; repeatable",
       .field = bind<&Config::evaluate, &EvaluateOptions::files>(),
       .paths = true},
      {.key = "evaluate.mode",
       .help =
           "validation text on cold rows, in order (warm), or learned while it is read (dynamic)",
       .field = bind<&Config::evaluate, &EvaluateOptions::mode>()},
      {.key = "evaluate.window",
       .help = "of dynamic: characters that are scored before the weights learn from them",
       .field = bind<&Config::evaluate, &EvaluateOptions::window>(),
       .range = {.low = 1, .high = 65536}},
      {.key = "evaluate.optimizer",
       .help = "of dynamic: how the weights learn",
       .field = bind<&Config::evaluate, &EvaluateOptions::optimizer>()},
      {.key = "evaluate.learning_rate",
       .help = "of dynamic: step size of the optimiser",
       .field = bind<&Config::evaluate, &EvaluateOptions::learning_rate>(),
       .range = {.low = 0, .high = 10}},
      {.key = "evaluate.unknown",
       .help = "what to do about a character of evaluate.files that the model does not know",
       .field = bind<&Config::evaluate, &EvaluateOptions::unknown>()},
      {.key = "score.files",
       .help = "text that score scores line by line; empty: standard input; repeatable",
       .field = bind<&Config::score, &ScoreOptions::files>(),
       .paths = true},
      {.key = "score.top",
       .help = "write only this many of the most surprising lines, at the end; 0: every line",
       .field = bind<&Config::score, &ScoreOptions::top>(),
       .range = {.low = 0, .high = 1 << 20}},
      {.key = "score.format",
       .help = "text: nats a character, place and line; jsonl: a JSON object a line",
       .field = bind<&Config::score, &ScoreOptions::format>()},
      {.key = "score.unknown",
       .help = "what to do about a character of a line that the model does not know",
       .field = bind<&Config::score, &ScoreOptions::unknown>()},
      {.key = "export.directory",
       .help = "folder that export writes its files to; it must be empty or not exist yet",
       .field = bind<&Config::exports, &ExportOptions::directory>()},
      {.key = "init.config",
       .help = "configuration file that init writes; it must not exist yet; empty: asked for",
       .field = bind<&Config::init, &InitOptions::config>()},
      {.key = "init.size",
       .help = "size of the network that init writes down; auto: as train.max_seconds allows",
       .field = bind<&Config::init, &InitOptions::size>()},
      {.key = "report.runs",
       .help =
           "run directories that report shows beside each other; empty: run.directory; repeatable",
       .field = bind<&Config::report, &ReportOptions::runs>(),
       .paths = true},
      {.key = "report.page",
       .help = "file that report writes; empty: report.html in the first run directory",
       .field = bind<&Config::report, &ReportOptions::page>()},
  };
}

Rows inspect_rows() {
  return {
      {.key = "inspect.first_batch",
       .help = "number of the first batch to show; 0 is the first one of the run",
       .field = bind<&Config::inspect, &InspectOptions::first_batch>()},
      {.key = "inspect.batches",
       .help = "how many batches to show",
       .field = bind<&Config::inspect, &InspectOptions::batches>(),
       .range = {.low = 1, .high = 1 << 20}},
      {.key = "inspect.rows",
       .help = "rows of each batch to show; 0: all",
       .field = bind<&Config::inspect, &InspectOptions::rows>(),
       .range = {.low = 0, .high = 65536}},
  };
}

Rows all_rows() {
  Rows all;
  for (const auto& rows :
       {corpus_rows, model_rows, train_rows, optimizer_rows, start_rows, pace_rows, run_rows,
        runtime_rows, cluster_rows, serve_rows, access_rows, patience_rows, generate_rows,
        sampling_rows, record_rows, scoring_rows, inspect_rows}) {
    for (Option& row : rows()) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace

const std::vector<SectionInfo>& sections() {
  static const std::vector<SectionInfo> kSections = {
      {"corpus", "the text, and how its bytes become characters"},
      {"model", "the network"},
      {"train", "how it learns; the first limit that is reached ends the run"},
      {"validation", "scoring the network on text that it does not learn from"},
      {"checkpoint", "saving the state of the run"},
      {"run", "where the run keeps its files"},
      {"metrics", "the records in metrics.jsonl"},
      {"log", "what the program tells on standard error"},
      {"runtime", "what computes, and with how much; changes the speed, not what is learned"},
      {"cluster", "several processes, on one machine or more, that mpirun has started"},
      {"serve", "the endpoint"},
      {"generate", "generating text: the command generate, and answers to plain prompts"},
      {"evaluate", "the command evaluate"},
      {"score", "the command score"},
      {"export", "the command export"},
      {"init", "the command init"},
      {"report", "the command report"},
      {"inspect", "the command inspect"},
  };
  return kSections;
}

const std::vector<Option>& options_table() {
  static const Rows kTable = all_rows();
  return kTable;
}

const Option* find_option(std::string_view key) {
  for (const Option& option : options_table()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

std::string environment_name(const Option& option) {
  std::string name = "CHARRNN_";
  for (const char c : option.key) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace charrnn
