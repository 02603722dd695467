#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corpus/read_text.h"
#include "model/packed_network.h"
#include "model/published.h"
#include "model/sampler.h"

namespace charrnn {

/// The checkpoints of a run that clients may choose by their step. Both may be called on any
/// thread; empty: there are none.
struct RunCheckpoints {
  std::function<std::vector<std::uint64_t>()> steps;  ///< ascending
  /// Throws Error when there is none of this step, or it cannot be read.
  std::function<std::shared_ptr<const Snapshot>(std::uint64_t step)> read;
};

/// Where the endpoint listens and what it allows.
struct ServeOptions {
  bool enabled = true;                ///< `run` serves while and after it trains
  std::string address = "127.0.0.1";  ///< only this machine by default
  std::uint16_t port = 7707;          ///< 0: any free port, told by Server::port()
  double share = 0.25;  ///< of the cores, what streams may take from a running training
  std::filesystem::path unix_socket;   ///< also listens there; empty: not
  std::filesystem::path api_key_file;  ///< one key a line; empty: nobody needs a key
  std::filesystem::path certificate;   ///< PEM: the port speaks TLS and nothing else; empty: plain
  std::filesystem::path private_key;   ///< PEM, of the certificate
  bool insecure = false;               ///< an address that others reach may be used without a key
  std::vector<std::string> allowed_hosts;  ///< Host names beside this machine's own; "*": every one
  std::vector<std::string> cors_origins;   ///< of pages elsewhere that may ask; "*": every one
  std::string log = "off";                 ///< of each request, on standard error: off, text, json
  UnknownCharacters unknown = UnknownCharacters::kError;
  WeightFormat weights = WeightFormat::kFloat32;  ///< that texts are made with
  int threads = 0;                      ///< that make texts when no training runs; 0: the cores
  std::size_t max_live = 128;           ///< texts that are made at the same time
  std::size_t max_queued = 128;         ///< texts that wait for a place; more get 429
  std::size_t max_connections = 16384;  ///< that are open at a time; others wait to be accepted
  std::filesystem::path metrics_file;   ///< the run's records, for the page's curves; empty: no run
  std::function<std::string()> run_status;  ///< JSON of what the run does now; quick, any thread
  RunCheckpoints checkpoints;               ///< that clients may choose
  double header_seconds = 10;    ///< from the connection to the first whole line, or header
  double send_seconds = 10;      ///< that a client may leave its text unread
  double idle_seconds = 60;      ///< between two requests of one connection
  double request_seconds = 300;  ///< for the whole of one answer
  double body_seconds = 10;      ///< from a header to the end of its body
  double drain_seconds = 5;      ///< that streams may go on when the server stops
};

/// What a plain prompt line is answered with, and `charrnn_pipeline generate` writes.
struct GenerateOptions {
  std::string prompt;
  std::uint64_t length = 500;  ///< new characters
  double temperature = 1.0;
  int top_k = 0;                      ///< 0: all characters
  std::optional<std::uint64_t> seed;  ///< drawn when not given
};

/// The endpoint: one port, its I/O thread and the engine thread that advances all live streams
/// together, always with the newest published snapshot. Runs from construction to destruction.
class Server {
 public:
  /// Listens and begins to answer. `published` must outlive the server. Throws Error(kBind) with
  /// the address and port when they cannot be used, Error(kConfig) for unusable keys or
  /// certificates.
  Server(const ServeOptions& options, const GenerateOptions& defaults,
         PublishedSnapshot& published);
  ~Server();

  /// The port that is listened on.
  std::uint16_t port() const;

  /// Stops accepting, ends every stream with a finish_reason or an error within the drain time, and
  /// returns. Called from any thread, once.
  void stop();

  /// Reads the keys and the certificate anew, for requests and connections that come later. When
  /// that fails, they stay as they were and standard error says why. From any thread.
  void reload();

  /// Tells the engine whether a training runs beside it: only then `share` bounds it.
  void training(bool running);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Generates text from one snapshot without a server: calls `write` with whole UTF-8 characters as
/// they are made. The text is the one that the endpoint gives for the same seed, prompt, options
/// and `network`. `write` returns false to end early. Throws Error(kUsage) for a prompt with a
/// character that the vocabulary lacks.
void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(std::string_view)>& write,
              const PackedNetworkOptions& network = {});

}  // namespace charrnn
