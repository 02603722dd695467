#pragma once

#include <memory>
#include <set>
#include <string>

#include "model/published.h"
#include "serve/completion_request.h"
#include "serve/connection.h"
#include "serve/engine.h"
#include "serve/server.h"
#include "serve/signal.h"
#include "serve/stream.h"

namespace charrnn {

/// What all sessions of one endpoint share. Lives on the I/O thread.
class Service {
 public:
  Service(const ServeOptions& options, const GenerateOptions& defaults,
          const PublishedSnapshot& published, Engine& engine);

  const ServeOptions& options() const { return options_; }
  Engine& engine() { return engine_; }

  /// The request that a plain line stands for.
  CompletionRequest plain_request(std::string_view prompt) const;

  /// What one stream of a request has to do, with the newest weights. Throws RequestError: the
  /// model is not there yet, or a prompt does not fit the alphabet.
  Generation generation(const CompletionRequest& request, std::size_t prompt, int choice) const;

  /// Hands a generation to the engine. `signal` is raised when there is something to take. Throws
  /// RequestError when the engine is full or the server is stopping.
  std::shared_ptr<Stream> start(Generation generation, std::shared_ptr<Signal> signal);

  /// A stream's client is done with it, or gone.
  void leave(const std::shared_ptr<Stream>& stream);

  // Connections that are open; each takes itself in and out.
  void enter(Connection* connection) { connections_.insert(connection); }
  void leave(Connection* connection) { connections_.erase(connection); }
  std::size_t connections() const { return connections_.size(); }

  /// Cuts off whoever is late.
  void expire_connections();

  /// No new streams from now on; connections without one close.
  void drain();
  bool draining() const { return draining_; }

  /// Gives every stream its last piece now.
  void end_streams();

  /// Closes what is still open.
  void close_connections();

 private:
  const ServeOptions& options_;
  const GenerateOptions& defaults_;
  const PublishedSnapshot& published_;
  Engine& engine_;
  std::set<Connection*> connections_;
  std::set<std::shared_ptr<Stream>> streams_;
  bool draining_ = false;
};

/// A seed for a request that gives none.
std::uint64_t drawn_seed();

}  // namespace charrnn
