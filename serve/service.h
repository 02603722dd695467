#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/published.h"
#include "serve/access.h"
#include "serve/budget.h"
#include "serve/chosen_model.h"
#include "serve/completion_request.h"
#include "serve/connection.h"
#include "serve/engine/engine.h"
#include "serve/engine/stream.h"
#include "serve/metrics.h"
#include "serve/request_error.h"
#include "serve/server.h"
#include "serve/signal.h"
#include "serve/text_patterns.h"
#include "serve/text_states.h"

namespace charrnn {

/// The most bytes that the whole answers of all clients hold, most of them in files without a name.
inline constexpr std::size_t kMostHeld = std::size_t{1} << 30;

/// The most bytes that the bodies of all requests hold while they are read and understood.
inline constexpr std::size_t kMostBodies = std::size_t{64} << 20;

/// What all sessions of one endpoint share. Lives on the I/O thread.
class Service {
 public:
  Service(const ServeOptions& options, const GenerateOptions& defaults,
          const PublishedSnapshot& published, Engine& engine);

  const ServeOptions& options() const { return options_; }
  Engine& engine() { return engine_; }

  /// The request that a plain line stands for.
  CompletionRequest plain_request(std::string_view prompt) const;

  /// The newest weights. Throws RequestError when there are none yet.
  std::shared_ptr<const Snapshot> snapshot() const;

  /// The newest weights, or null.
  std::shared_ptr<const Snapshot> newest() const { return published_.load(); }

  /// When this endpoint began, in seconds since 1970.
  std::int64_t began() const { return began_; }

  /// What one stream of a request has to do: to make choice `choice` of prompt `prompt`. Throws
  /// RequestError when the prompt does not fit the alphabet, or its state is not known.
  Generation generation(const CompletionRequest& request,
                        const std::shared_ptr<const Snapshot>& snapshot, std::size_t prompt = 0,
                        int choice = 0);

  /// Keeps where a text ended for whoever made this request; returns its name, or nothing.
  std::string keep_state(const CompletionRequest& request, const Stream& stream);

  /// Hands the generations of one request to the engine, all or none; they share what one client
  /// may leave unread. `signal` is raised when there is something to take. Throws RequestError when
  /// the engine is full or the server is stopping.
  std::vector<std::shared_ptr<Stream>> start(std::vector<Generation> generations,
                                             const std::shared_ptr<Signal>& signal);

  /// The client of these streams is done with them, or gone.
  void leave(const std::vector<std::shared_ptr<Stream>>& streams);

  /// Notes how a request was answered, and why it was refused.
  void answered(int status) { ++metrics_.requests[status]; }
  void count_refusal(const RequestError& error) { ++metrics_.rejected[error.code_word()]; }

  const ApiKeys& keys() const { return keys_; }
  /// Reads the keys anew. Throws Error(kConfig), and keeps those that it has.
  void reload_keys();
  const HostNames& host_names() const { return host_names_; }
  Metrics& metrics() { return metrics_; }

  /// What whole answers hold until their clients have read them.
  Budget& held() { return held_; }

  /// What the bodies of requests hold until they are answered.
  Budget& bodies() { return bodies_; }

  /// For chosen_model(), on the thread of workers() alone.
  ChosenModels& chosen_models() { return chosen_models_; }

  /// The thread for work that would hold up other clients.
  boost::asio::thread_pool& workers() { return workers_; }

  // Connections that are open; each takes itself in and out.
  void enter(Connection* connection) { connections_.insert(connection); }
  void leave(Connection* connection) { connections_.erase(connection); }
  std::size_t connections() const { return connections_.size(); }

  /// Closes the connection that has been idle for the longest time. False when none is.
  bool close_idle();

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
  std::string owner(const CompletionRequest& request) const;
  SamplingOptions sampling(const CompletionRequest& request, const Vocabulary& vocabulary) const;
  std::shared_ptr<const TextPattern> pattern(const CompletionRequest& request,
                                             const Snapshot& snapshot);

  const ServeOptions& options_;
  const GenerateOptions& defaults_;
  const PublishedSnapshot& published_;
  Engine& engine_;
  ApiKeys keys_;
  const std::int64_t began_;
  Metrics metrics_;
  TextStates states_;
  TextPatterns patterns_;
  std::set<Connection*> connections_;
  std::set<std::shared_ptr<Stream>> streams_;
  Budget held_{kMostHeld};
  Budget bodies_{kMostBodies};
  const HostNames host_names_;
  ChosenModels chosen_models_;
  bool draining_ = false;
  boost::asio::thread_pool workers_{1};
};

/// A seed for a request that gives none.
std::uint64_t drawn_seed();

}  // namespace charrnn
