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
       .help = "folder of this run's files; empty: runs/NAME, NAME being the config's",
       .field = bind<&Config::run, &RunOptions::directory>()},
      {.key = "run.accept_changed_corpus",
       .help = "resume although the text or its order is not the one that the run began with",
       .field = bind<&Config::run, &RunOptions::accept_changed_corpus>()},
      {.key = "run.trace",
       .help = "file for Perfetto or chrome://tracing that shows where the time goes; empty: none",
       .field = bind<&Config::run, &RunOptions::trace>()},
      {.key = "metrics.every_steps",
       .help = "steps from one training record of metrics.jsonl to the next",
       .field = bind<&Config::metrics, &MetricsOptions::every_steps>(),
       .range = {.low = 1}},
  };
}

Rows runtime_rows() {
  return {
      {.key = "runtime.device",
       .help = "where the network computes; auto: a GPU if there is one",
       .field = bind<&Config::runtime, &RuntimeOptions::device>(),
       .choices = {"auto", "cpu", "cuda"}},
      {.key = "runtime.backend",
       .help = "what computes; hash trains nothing and digests its batches",
       .field = bind<&Config::runtime, &RuntimeOptions::backend>(),
       .choices = {"auto", "torch", "fused", "hash"}},
      {.key = "runtime.precision",
       .help =
           "of a GPU's products; amp: automatic mixed precision in bfloat16; a CPU has fp32 only",
       .field = bind<&Config::runtime, &RuntimeOptions::precision>(),
       .choices = {"fp32", "tf32", "amp"}},
      {.key = "runtime.threads",
       .help = "TBB workers of the graph; 0: the cores",
       .field = bind<&Config::runtime, &RuntimeOptions::threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "runtime.kernel_threads",
       .help = "threads that compute; 0: the cores",
       .field = bind<&Config::runtime, &RuntimeOptions::kernel_threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "runtime.stripe_windows",
       .help = "windows of every row that one stripe of text holds",
       .field = bind<&Config::runtime, &RuntimeOptions::stripe_windows>(),
       .range = kPositive},
      {.key = "runtime.stripe_credits",
       .help = "stripes that may be inside of the graph at a time",
       .field = bind<&Config::runtime, &RuntimeOptions::stripe_credits>(),
       .range = {.low = 2, .high = 1024}},
  };
}

Rows serve_rows() {
  return {
      {.key = "serve.enabled",
       .help = "the command run also serves",
       .field = bind<&Config::serve, &ServeOptions::enabled>()},
      {.key = "serve.address",
       .help = "address to listen on",
       .field = bind<&Config::serve, &ServeOptions::address>()},
      {.key = "serve.port",
       .help = "port to listen on; 0: any free one",
       .field = bind<&Config::serve, &ServeOptions::port>(),
       .range = {.low = 0, .high = 65535}},
      {.key = "serve.share",
       .help = "share of the cores that streams may take from a running training",
       .field = bind<&Config::serve, &ServeOptions::share>(),
       .range = {.low = 0, .high = 1}},
      {.key = "serve.threads",
       .help =
           "threads that make texts when no training runs; 0: as many as runtime.kernel_threads",
       .field = bind<&Config::serve, &ServeOptions::threads>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "serve.weights",
       .help = "int8: faster texts from weights in 8 bits, a little less accurate",
       .field = bind<&Config::serve, &ServeOptions::weights>(),
       .choices = {"fp32", "int8"}},
  };
}

Rows access_rows() {
  return {
      {.key = "serve.unix_socket",
       .help = "file of a UNIX socket to listen on, too; empty: none",
       .field = bind<&Config::serve, &ServeOptions::unix_socket>()},
      {.key = "serve.api_key_file",
       .help = "file of keys, one a line, that only its owner can read; empty: no key is asked for",
       .field = bind<&Config::serve, &ServeOptions::api_key_file>()},
      {.key = "serve.certificate",
       .help = "PEM file of a certificate and those up to its root: the port speaks TLS; empty: "
               "it does not",
       .field = bind<&Config::serve, &ServeOptions::certificate>()},
      {.key = "serve.private_key",
       .help = "PEM file of the certificate's private key, without a pass phrase",
       .field = bind<&Config::serve, &ServeOptions::private_key>()},
      {.key = "serve.insecure",
       .help = "listen without a key on an address that other machines reach",
       .field = bind<&Config::serve, &ServeOptions::insecure>()},
      {.key = "serve.allowed_hosts",
       .help = "names that the Host header of a request may have beside this machine's own; *: any",
       .field = bind<&Config::serve, &ServeOptions::allowed_hosts>()},
      {.key = "serve.cors_origins",
       .help =
           "origins of web pages that may use the endpoint, such as https://app.example; *: any",
       .field = bind<&Config::serve, &ServeOptions::cors_origins>()},
      {.key = "serve.log",
       .help = "a line for each request, on standard error",
       .field = bind<&Config::serve, &ServeOptions::log>(),
       .choices = {"off", "text", "json"}},
      {.key = "serve.unknown",
       .help = "what to do about a character of a prompt that the alphabet lacks",
       .field = bind<&Config::serve, &ServeOptions::unknown>(),
       .choices = {"error", "skip", "replace"}},
      {.key = "serve.max_live",
       .help = "texts that are written at the same time",
       .field = bind<&Config::serve, &ServeOptions::max_live>(),
       .range = {.low = 1, .high = 4096}},
      {.key = "serve.max_queued",
       .help = "texts that wait for their turn; more are refused",
       .field = bind<&Config::serve, &ServeOptions::max_queued>(),
       .range = {.low = 0, .high = 65536}},
      {.key = "serve.max_connections",
       .help = "connections that are open at the same time; others wait until one of them ends",
       .field = bind<&Config::serve, &ServeOptions::max_connections>(),
       .range = {.low = 1, .high = 1 << 20}},
  };
}

Rows patience_rows() {
  return {
      {.key = "serve.header_seconds",
       .help = "in which a client must send its first line or header, or at least 500 bytes of it "
               "for each second",
       .field = bind<&Config::serve, &ServeOptions::header_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.body_seconds",
       .help = "in which a client must send the body of a request, or at least 500 bytes of it for "
               "each second",
       .field = bind<&Config::serve, &ServeOptions::body_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.send_seconds",
       .help = "in which a client must read its answer, or at least 500 bytes of it for each "
               "second",
       .field = bind<&Config::serve, &ServeOptions::send_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.idle_seconds",
       .help = "between two requests of one connection",
       .field = bind<&Config::serve, &ServeOptions::idle_seconds>(),
       .range = kTimeLimit,
       .seconds = true},
      {.key = "serve.request_seconds",
       .help = "in which the texts of one answer must be made",
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

Rows generate_rows() {
  return {
      {.key = "generate.prompt",
       .help = "text to go on from",
       .field = bind<&Config::generate, &GenerateOptions::prompt>()},
      {.key = "generate.length",
       .help = "new characters to write",
       .field = bind<&Config::generate, &GenerateOptions::length>()},
      {.key = "generate.temperature",
       .help =
           "scores are divided by it: lower is safer, higher is wilder; 0: always the likeliest",
       .field = bind<&Config::generate, &GenerateOptions::temperature>(),
       .range = {.low = 0, .high = 100}},
      {.key = "generate.top_k",
       .help = "choose among the k likeliest characters only; 0: among all",
       .field = bind<&Config::generate, &GenerateOptions::top_k>(),
       .range = {.low = 0, .high = 65535}},
      {.key = "generate.seed",
       .help = "the same seed gives the same text; empty: drawn",
       .field = bind<&Config::generate, &GenerateOptions::seed>()},
      {.key = "evaluate.files",
       .help = "text that evaluate scores; empty: the text of validation; repeatable",
       .field = bind<&Config::evaluate, &EvaluateOptions::files>(),
       .paths = true},
  };
}

Rows inspect_rows() {
  return {
      {.key = "inspect.first_batch",
       .help = "number of the first batch that inspect shows; 0 is the run's first",
       .field = bind<&Config::inspect, &InspectOptions::first_batch>()},
      {.key = "inspect.batches",
       .help = "how many batches inspect shows",
       .field = bind<&Config::inspect, &InspectOptions::batches>(),
       .range = {.low = 1, .high = 1 << 20}},
      {.key = "inspect.rows",
       .help = "rows of each batch that inspect shows; 0: all",
       .field = bind<&Config::inspect, &InspectOptions::rows>(),
       .range = {.low = 0, .high = 65536}},
  };
}

Rows all_rows() {
  Rows all;
  for (const auto& rows : {corpus_rows, model_rows, train_rows, pace_rows, run_rows, runtime_rows,
                           serve_rows, access_rows, patience_rows, generate_rows, inspect_rows}) {
    for (Option& row : rows()) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace

const std::vector<SectionInfo>& sections() {
  static const std::vector<SectionInfo> kSections = {
      {"corpus", "the text, and how its bytes become characters"},
      {"model", "the network"},
      {"train", "how it learns; the first limit that is reached ends the training"},
      {"validation", "scoring on text that it does not learn from"},
      {"checkpoint", "saving the state of the run"},
      {"run", "the files of the run"},
      {"metrics", "metrics.jsonl"},
      {"runtime", "what computes, and with how much; changes the speed, not what is learned"},
      {"serve", "the endpoint"},
      {"generate", "writing text: the command generate, and answers to plain prompts"},
      {"evaluate", "the command evaluate"},
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
