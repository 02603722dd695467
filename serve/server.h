#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

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

/// Generates text from one snapshot without a server: calls `write` with whole UTF-8 characters as
/// they are made. The text is the one that the endpoint gives for the same seed, prompt, options
/// and `network`. `write` returns false to end early. Throws Error(kUsage) for a prompt with a
/// character that the vocabulary lacks.
void generate(const Snapshot& snapshot, const GenerateOptions& options,
              const std::function<bool(std::string_view)>& write,
              const PackedNetworkOptions& network = {});

}  // namespace charrnn
