#include "serve/server.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/standard_error.h"
#include "serve/engine/engine.h"
#include "serve/listeners.h"
#include "serve/ready_streams.h"
#include "serve/service.h"
#include "serve/session.h"
#include "serve/tls.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kSweep{100};
constexpr std::chrono::milliseconds kAcceptAgain{100};
constexpr std::chrono::milliseconds kLeastDrain{500};
constexpr std::size_t kParkedForEachQueued = 4;

EngineOptions engine_options(const ServeOptions& options) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return {.max_live = options.max_live,
          .max_queued = options.max_queued,
          .max_parked = kParkedForEachQueued * options.max_queued,
          .threads = options.threads > 0 ? options.threads : cores,
          .weights = options.weights,
          .cores = options.share * cores};
}

// A character is worth a packet of its own.
void without_delay(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
}
void without_delay(Local::socket&) {}

// An address that IPv6 wraps is the one that people write.
std::string text_of(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

Connection::Ends ends_of(const tcp::socket& socket) {
  boost::system::error_code local_error;
  boost::system::error_code peer_error;
  const auto local = socket.local_endpoint(local_error);
  const auto peer = socket.remote_endpoint(peer_error);
  return {local_error ? "unknown" : text_of(local.address()),
          peer_error ? "unknown" : text_of(peer.address())};
}
Connection::Ends ends_of(const Local::socket&) { return {}; }

// What no session foresaw (no memory, most likely) ends that session alone.
void tell_failure(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    tell(std::string("serve: a client was dropped: ") + error.what());
  }
}

std::shared_ptr<TlsContext> tls_of(const ServeOptions& options) {
  if (options.certificate.empty() && options.private_key.empty()) return nullptr;
  return std::make_shared<TlsContext>(options.certificate, options.private_key);
}

// OpenSSL writes to sockets whose client may have left.
void block_broken_pipes() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServeOptions& options, const GenerateOptions& defaults, PublishedSnapshot& published)
      : options_(options),
        defaults_(defaults),
        tls_(tls_of(options)),
        acceptor_(listen_on_port(io_, options)),
        local_acceptor_(options.unix_socket.empty() ? Local::acceptor(io_)
                                                    : listen_on_file(io_, options.unix_socket)),
        port_(acceptor_.local_endpoint().port()),
        most_connections_(most_connections(options)),
        sweep_(io_),
        ready_(io_.get_executor()),
        engine_(engine_options(options),
                [this](const Engine::Streams& streams) { ready_.add(streams); }),
        service_(options_, defaults_, published, engine_) {
    asio::co_spawn(io_, accept(acceptor_, tls_), asio::detached);
    asio::co_spawn(io_, accept(local_acceptor_, plain_), asio::detached);
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::thread([this] {
      block_broken_pipes();
      io_.run();
    });
    pthread_setname_np(thread_.native_handle(), "endpoint");
  }

  ~Impl() { stop(); }

  std::uint16_t port() const { return port_; }
  void training(bool running) { engine_.training(running); }

  void reload() {
    asio::post(io_, [this] {
      try {
        auto tls = tls_of(options_);
        service_.reload_keys();
        tls_ = std::move(tls);
      } catch (const Error& error) {
        tell(std::string("serve: the keys and the certificate stay as they were: ") + error.what());
      }
    });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { drain(); });
    thread_.join();
  }

 private:
  template <typename Acceptor>
  asio::awaitable<void> accept(Acceptor& acceptor, const std::shared_ptr<TlsContext>& tls) {
    asio::steady_timer pause(io_);
    for (;;) {
      co_await acceptor.async_wait(asio::socket_base::wait_read, kNoThrow);
      if (!acceptor.is_open()) co_return;
      if (service_.connections() < most_connections_ || service_.close_idle()) {
        auto [error, socket] = co_await acceptor.async_accept(kNoThrow);
        if (!error) {
          without_delay(socket);
          Connection::Ends ends = ends_of(socket);
          asio::co_spawn(io_,
                         serve_client(service_, Connection::Socket(std::move(socket)), ends, tls),
                         tell_failure);
          continue;
        }
      }
      // Others have to leave first.
      pause.expires_after(kAcceptAgain);
      co_await pause.async_wait(kNoThrow);
    }
  }

  // Cuts off late clients, and carries a stop through.
  asio::awaitable<void> sweep() {
    while (!service_.draining() || service_.connections() > 0) {
      sweep_.expires_after(service_.draining() ? kSweep / 10 : kSweep);
      co_await sweep_.async_wait(kNoThrow);
      service_.expire_connections();
      if (!service_.draining()) continue;
      const auto now = std::chrono::steady_clock::now();
      if (now >= end_streams_at_) service_.end_streams();
      if (now >= close_at_) service_.close_connections();
    }
  }

  void drain() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    if (local_acceptor_.is_open()) std::filesystem::remove(options_.unix_socket, ignored);
    local_acceptor_.close(ignored);
    service_.drain();
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> time(options_.drain_seconds);
    const auto drain = std::chrono::duration_cast<std::chrono::milliseconds>(time);
    // The last quarter is for clients to read how their text ended.
    end_streams_at_ = now + drain * 3 / 4;
    close_at_ = now + std::max(drain, kLeastDrain);
    sweep_.cancel();
  }

  const ServeOptions options_;
  const GenerateOptions defaults_;
  std::shared_ptr<TlsContext> tls_;
  const std::shared_ptr<TlsContext> plain_;  // none
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  Local::acceptor local_acceptor_;
  const std::uint16_t port_;
  const std::size_t most_connections_;
  asio::steady_timer sweep_;
  std::chrono::steady_clock::time_point end_streams_at_;
  std::chrono::steady_clock::time_point close_at_;
  ReadyStreams ready_;
  Engine engine_;
  Service service_;
  std::thread thread_;
};

void check_serving(const ServeOptions& options) {
  asio::io_context io;
  tls_of(options);
  if (!options.api_key_file.empty()) ApiKeys(options.api_key_file);
  listen_on_port(io, options);
  if (options.unix_socket.empty()) return;
  listen_on_file(io, options.unix_socket);
  std::error_code ignored;
  std::filesystem::remove(options.unix_socket, ignored);
}

Server::Server(const ServeOptions& options, const GenerateOptions& defaults,
               PublishedSnapshot& published)
    : impl_(std::make_unique<Impl>(options, defaults, published)) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

void Server::stop() { impl_->stop(); }

void Server::reload() { impl_->reload(); }

void Server::training(bool running) { impl_->training(running); }

}  // namespace charrnn
