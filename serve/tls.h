#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace charrnn {

/// What a server shows to clients that speak TLS 1.2 or 1.3: its certificate and the key to it.
class TlsContext {
 public:
  /// Reads PEM files: a certificate, with those between it and its root behind it, and its key.
  /// Throws Error(kConfig) that names the file and says what is wrong: it cannot be read, is no
  /// PEM, the key belongs to another certificate, has a pass phrase, or is open to everybody.
  TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& private_key);

  SSL_CTX* native() { return context_.native_handle(); }

 private:
  boost::asio::ssl::context context_;
};

/// One client's TLS over a socket that does not block. Never waits: what cannot be done now says
/// what has to come first. Belongs to the connection's thread, where SIGPIPE has to be blocked:
/// OpenSSL writes to the socket itself.
class TlsSession {
 public:
  enum class Outcome {
    kDone,
    kNeedsRead,   ///< again when the socket can be read
    kNeedsWrite,  ///< again when it can be written
    kEnded,       ///< the client said that it sends no more
    kFailed,      ///< not TLS, not ours, or cut off without a word
  };

  /// `socket` is a connected descriptor; borrowed.
  TlsSession(TlsContext& context, int socket);

  Outcome handshake();

  /// Reads at most `size` bytes; `done` tells how many.
  Outcome read(char* bytes, std::size_t size, std::size_t& done);

  /// Writes the beginning of `bytes`; `done` tells how many. Again with the same bytes, wherever
  /// they lie now, when it could not.
  Outcome write(std::string_view bytes, std::size_t& done);

  /// Tells the client that no more will come; reading goes on.
  Outcome end();

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Outcome outcome_of(int result) const;

  std::unique_ptr<SSL, Free> ssl_;
};

/// True for the first byte of a client that begins with TLS.
constexpr bool begins_tls(char first) { return first == '\x16'; }

}  // namespace charrnn
