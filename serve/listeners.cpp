#include "serve/listeners.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/error.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

[[noreturn]] void refuse_bind(const ServeOptions& options, const std::string& reason) {
  throw Error(ErrorKind::kBind, "cannot serve on " + options.address + ":" +
                                    std::to_string(options.port) + ": " + reason);
}

tcp::endpoint endpoint_of(const ServeOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    refuse_bind(options, "this is no IP address; set serve.address to one of this machine");
  const bool open_to_all = options.api_key_file.empty() && !options.insecure;
  if (!address.is_loopback() && open_to_all) {
    refuse_bind(options,
                "other machines could use it without a key; give serve.api_key_file, use "
                "serve.address = 127.0.0.1, or set serve.insecure = true");
  }
  return {address, options.port};
}

[[noreturn]] void refuse_file(const std::filesystem::path& file, const std::string& reason) {
  throw Error(ErrorKind::kBind, "cannot serve on " + file.string() + ": " + reason);
}

// True when a server answers there.
bool answers(asio::io_context& io, const std::filesystem::path& file) {
  Local::socket socket(io);
  boost::system::error_code error;
  socket.connect(Local::endpoint(file.string()), error);
  return !error;
}

}  // namespace

tcp::acceptor listen_on_port(asio::io_context& io, const ServeOptions& options) {
  const auto endpoint = endpoint_of(options);
  try {
    return tcp::acceptor(io, endpoint, true);
  } catch (const boost::system::system_error& error) {
    refuse_bind(options, error.code().message() +
                             "; stop what uses it, or set serve.port (0: any free one)");
  }
}

Local::acceptor listen_on_file(asio::io_context& io, const std::filesystem::path& file) {
  if (file.string().size() > 100) refuse_file(file, "the path is too long for a UNIX socket");
  std::error_code ignored;
  if (std::filesystem::is_socket(file, ignored)) {
    if (answers(io, file)) refuse_file(file, "another server uses it");
    std::filesystem::remove(file, ignored);
  }
  // Nobody else may connect, from the first moment on.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  try {
    Local::acceptor acceptor(io, Local::endpoint(file.string()), false);
    ::umask(before);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    ::umask(before);
    refuse_file(file, error.code().message());
  }
}

std::size_t most_connections(const ServeOptions& options) {
  constexpr rlim_t kForOthers = 512;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return options.max_connections;
  const rlim_t most = files.rlim_cur - std::min(files.rlim_cur / 2, kForOthers);
  return std::min<rlim_t>(options.max_connections, std::max<rlim_t>(most, 1));
}

}  // namespace charrnn
