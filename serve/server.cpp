#include "serve/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <exception>
#include <thread>

#include "corpus/error.h"
#include "serve/engine.h"
#include "serve/http_framing.h"
#include "serve/http_session.h"
#include "serve/plain_protocol.h"
#include "serve/plain_session.h"
#include "serve/ready_streams.h"
#include "serve/service.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kSweep{100};
constexpr std::chrono::milliseconds kAcceptAgain{100};
constexpr std::chrono::milliseconds kLeastDrain{500};

EngineOptions engine_options(const ServeOptions& options) {
  const double cores = std::max(1U, std::thread::hardware_concurrency());
  return {options.max_live, options.max_queued, options.share * cores};
}

[[noreturn]] void refuse_bind(const ServeOptions& options, const std::string& reason) {
  throw Error(ExitCode::kBind,
              "cannot serve on " + options.address + ":" + std::to_string(options.port) + ": " +
                  reason);
}

tcp::endpoint endpoint_of(const ServeOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) refuse_bind(options, "this is no IP address; set serve.address to one of this machine");
  if (!address.is_loopback() && !options.insecure) {
    refuse_bind(options, "other machines could use it without a key; use serve.address = 127.0.0.1, "
                         "or set serve.insecure = true");
  }
  return {address, options.port};
}

tcp::acceptor listen(asio::io_context& io, const ServeOptions& options) {
  const auto endpoint = endpoint_of(options);
  try {
    return tcp::acceptor(io, endpoint, true);
  } catch (const boost::system::system_error& error) {
    refuse_bind(options, error.code().message() +
                             "; stop what uses it, or set serve.port (0: any free one)");
  }
}

// What no session foresaw (no memory, most likely) ends that session alone.
void tell_failure(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serve: a client was dropped: %s\n", error.what());
  }
}

// One client, from its first byte to its last.
asio::awaitable<void> session(Service& service, Connection::Socket socket) {
  Connection connection(std::move(socket));
  const auto in_list = [&service](Connection* open) { service.leave(open); };
  service.enter(&connection);
  const std::unique_ptr<Connection, decltype(in_list)> entry(&connection, in_list);
  connection.within(std::chrono::duration<double>(service.options().header_seconds));
  std::string line = co_await connection.read_line(kLongestLine);
  if (service.draining()) co_return;
  if (is_http_line(line)) {
    connection.input.insert(0, line);
    co_await http_session(service, connection);
  } else {
    co_await plain_session(service, connection, std::move(line));
  }
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServeOptions& options, const GenerateOptions& defaults, PublishedSnapshot& published)
      : options_(options),
        defaults_(defaults),
        acceptor_(listen(io_, options)),
        port_(acceptor_.local_endpoint().port()),
        sweep_(io_),
        ready_(io_.get_executor()),
        engine_(engine_options(options),
                [this](const Engine::Streams& streams) { ready_.add(streams); }),
        service_(options_, defaults_, published, engine_) {
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Impl() { stop(); }

  std::uint16_t port() const { return port_; }
  void training(bool running) { engine_.training(running); }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { drain(); });
    thread_.join();
  }

 private:
  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(kNoThrow);
      if (!error) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(io_, session(service_, Connection::Socket(std::move(socket))), tell_failure);
      } else if (acceptor_.is_open()) {
        // Out of descriptors, most likely: others have to leave first.
        asio::steady_timer pause(io_, kAcceptAgain);
        co_await pause.async_wait(kNoThrow);
      }
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
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  const std::uint16_t port_;
  asio::steady_timer sweep_;
  std::chrono::steady_clock::time_point end_streams_at_;
  std::chrono::steady_clock::time_point close_at_;
  ReadyStreams ready_;
  Engine engine_;
  Service service_;
  std::thread thread_;
};

Server::Server(const ServeOptions& options, const GenerateOptions& defaults,
               PublishedSnapshot& published)
    : impl_(std::make_unique<Impl>(options, defaults, published)) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

void Server::stop() { impl_->stop(); }

void Server::training(bool running) { impl_->training(running); }

}  // namespace charrnn
