#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/packed_network.h"
#include "model/published.h"
#include "serve/options.h"

namespace charrnn {

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

/// Throws what Server's constructor would throw because of its options (a port that is taken, keys
/// or a certificate that cannot be used), and serves nothing: for whoever has long work in front.
void check_serving(const ServeOptions& options);

/// What comes next of one of several samples.
struct SamplePiece {
  int sample = 0;                  ///< from 0
  std::string_view text;           ///< whole UTF-8 characters; may be empty in the last piece
  std::string_view finish_reason;  ///< in the last piece of the sample: length or stop
};

/// Generates `options.samples` texts side by side from one snapshot without a server: calls `write`
/// as they are made. Sample k is the text that the endpoint gives as choice k for the same seed,
/// prompt, options and `network`; sample 0 does not depend on how many there are. `write` returns
/// false to end early. `prompt_file` and `format` are the caller's. Throws Error(kUsage) for a
/// prompt with a character that the vocabulary lacks, and for a `regex` that cannot be used.
void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(const SamplePiece&)>& write,
              const PackedNetworkOptions& network = {});

/// The same for one text, whatever `options.samples` says.
void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(std::string_view)>& write,
              const PackedNetworkOptions& network = {});

}  // namespace charrnn
