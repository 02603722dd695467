#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "corpus/read_text.h"
#include "model/packed_network.h"
#include "model/published.h"
#include "model/sampler.h"

namespace charrnn {

/// Whether and how each request is logged on standard error.
enum class RequestLog { kOff, kText, kJson };
template <>
inline constexpr std::array<std::string_view, 3> kWords<RequestLog>{"off", "text", "json"};

/// The checkpoints of a run that clients may choose by their step. Both may be called on any
/// thread; empty: there are none.
struct RunCheckpoints {
  std::function<std::vector<std::uint64_t>()> steps;  ///< ascending
  /// Throws Error when there is none of this step, or it cannot be read.
  std::function<std::shared_ptr<const Snapshot>(std::uint64_t step)> read;
};

/// Where the endpoint listens and what it allows. Times are in seconds.
struct ServeOptions {
  /// Whether the command `run` serves while it trains and after it. The command `train` never does,
  /// the command `serve` always does.
  bool enabled = true;

  /// The address to listen on. Only programs on this machine reach the default; any other address
  /// needs an api_key_file, or `insecure`.
  std::string address = "127.0.0.1";

  /// The TCP port to listen on; 0: any free one, which Server::port() tells.
  std::uint16_t port = 7707;

  /// The share of the cores that generating text may take from training while both run, above 0 and
  /// at most 1. More makes answers faster and training slower; it has no effect when nothing is
  /// trained.
  double share = 0.25;

  /// A UNIX socket to listen on as well; empty: none. Useful behind a proxy on the same machine,
  /// and where the file's permissions are to say who may ask.
  std::filesystem::path unix_socket;

  /// A file of API keys, one a line, that only its owner can read; empty: no key is asked for. It
  /// is read when the server starts.
  std::filesystem::path api_key_file;

  /// A PEM file with the server's certificate and those between it and the root; empty: no TLS.
  /// With one, the port speaks TLS and nothing else.
  std::filesystem::path certificate;

  /// A PEM file with the certificate's private key, without a pass phrase.
  std::filesystem::path private_key;

  /// Allows an address that other machines reach without any key. Set it only where the network
  /// itself keeps strangers out.
  bool insecure = false;

  /// Names that the Host header of a request may have besides those of this machine; "*": any.
  /// Needed behind a name of its own; without it, web pages elsewhere could reach the endpoint by a
  /// name that they make point here (DNS rebinding).
  std::vector<std::string> allowed_hosts;

  /// Origins of web pages elsewhere that may use the endpoint, such as https://app.example; "*":
  /// any.
  std::vector<std::string> cors_origins;

  /// Whether each request is logged on standard error, and how.
  RequestLog log = RequestLog::kOff;

  /// What happens to a character of a prompt that the vocabulary lacks.
  UnknownCharacters unknown = UnknownCharacters::kError;

  /// The format of the weights that text is generated with. bf16 needs half of the memory and a CPU
  /// with AVX512-BF16, int8 needs a quarter; both are faster than fp32, and cost a little accuracy,
  /// which `evaluate` measures.
  WeightFormat weights = WeightFormat::kFloat32;

  /// Threads that generate text when nothing is trained; 0: as many as training would have.
  int threads = 0;

  /// Texts that are generated at the same time. More fill the cores better and make each of them
  /// slower; a further one waits in the queue.
  std::size_t max_live = 128;

  /// Texts that wait for a place. A request beyond them is refused with 429.
  std::size_t max_queued = 128;

  /// Ends of texts that are kept for clients that ask for it, so that they can go on from there.
  std::size_t max_states = 256;

  /// Connections that are open at the same time. Further clients wait until one of them closes.
  std::size_t max_connections = 16384;

  /// The records of the run, for the page's curves; empty: there is no run to show.
  std::filesystem::path metrics_file;

  /// The names of the files that the model was trained on, for the model's card; empty: not known.
  std::vector<std::string> corpus;

  /// Gives what the run does now as JSON, for the page. Has to be quick; called on any thread.
  std::function<std::string()> run_status;

  /// The checkpoints that clients may choose.
  RunCheckpoints checkpoints;

  /// A client has to send its first whole line or header in this time, or at least 500 bytes of it
  /// for each second. Lower it when clients that connect and say nothing fill the places.
  double header_seconds = 10;

  /// A client has to read its answer in this time, or at least 500 bytes of it for each second, or
  /// it is disconnected.
  double send_seconds = 10;

  /// Between two requests on one connection.
  double idle_seconds = 60;

  /// The texts of one answer have to be generated in this time. Raise it when long texts are cut
  /// off on a slow machine.
  double request_seconds = 300;

  /// A client has to send the body of a request in this time, or at least 500 bytes of it for each
  /// second.
  double body_seconds = 10;

  /// For how long texts may go on when the server is told to stop. Longer lets them end by
  /// themselves, but Ctrl-C then takes as long.
  double drain_seconds = 5;
};

/// How the command `generate` writes its samples.
enum class SampleFormat {
  kText,      ///< the prompt and the new text
  kJsonLines  ///< a JSON object on a line of its own for each sample
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<SampleFormat>{"text", "jsonl"};

/// What the command `generate` writes. A plain prompt line is answered with the same length,
/// sampling and seed.
struct GenerateOptions {
  /// The text to continue; empty: the model begins by itself.
  std::string prompt;

  /// A file that holds the prompt, in place of `prompt`; `-`: standard input; empty: none.
  std::filesystem::path prompt_file;

  /// Characters to write after the prompt.
  std::uint64_t length = 500;

  /// How characters are chosen, as a request of the endpoint says it; without what depends on the
  /// vocabulary. Temperatures of 0.5 to 1 suit most models.
  SamplingOptions sampling;

  /// What is added to the logit of one character, each as `CHARACTER=NUMBER`: -100 keeps it out.
  std::vector<std::string> logit_bias;

  /// The only characters that may come; empty: all.
  std::string allowed;

  /// Texts that end a sample and are not written.
  std::vector<std::string> stop;

  /// Whether the stop text that ended a sample is written, too.
  bool include_stop = false;

  /// Characters before which no stop text ends a sample; at most `length`.
  std::uint64_t min_length = 0;

  /// How many texts to write, each with random numbers of its own.
  int samples = 1;

  /// A regular expression that each text has to match, the prompt not included; empty: none.
  /// `read_pattern()` tells what it may have.
  std::string regex;

  /// How many records to write in place of samples; 0: none. A record is a line of the text that
  /// the model learned, or a document where that text was parted into documents.
  std::uint64_t count = 0;

  /// No record is written twice.
  bool unique = false;

  /// No record of the training text (`corpus.files`) is written.
  bool novel = false;

  /// How they are written.
  SampleFormat format = SampleFormat::kText;

  /// The same seed, model, prompt and options give the same text; none: a seed is drawn each time.
  std::optional<std::uint64_t> seed;
};

}  // namespace charrnn
