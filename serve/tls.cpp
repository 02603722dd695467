#include "serve/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <climits>
#include <fstream>
#include <new>

#include "base/error.h"

namespace charrnn {
namespace {

namespace ssl = boost::asio::ssl;

// TLS 1.2 with keys of its own for each connection, and no padding to guess at; TLS 1.3 has no
// others.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

[[noreturn]] void refuse(const std::string& key, const std::filesystem::path& file,
                         const std::string& reason) {
  throw Error(ErrorKind::kConfig, key + ": " + file.string() + " " + reason);
}

void require_readable(const std::string& key, const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored) || !std::ifstream(file)) {
    refuse(key, file, "cannot be read");
  }
}

// A group may share a key, as Debian's ssl-cert does.
void require_private(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
    refuse("serve.private_key", file, "is open to everybody; chmod 600 it");
  }
}

bool needs_pass_phrase(const std::filesystem::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.find("ENCRYPTED") != std::string::npos) return true;
  }
  return false;
}

void read_certificate(ssl::context& context, const std::filesystem::path& file) {
  require_readable("serve.certificate", file);
  boost::system::error_code error;
  context.use_certificate_chain_file(file.string(), error);
  if (error) refuse("serve.certificate", file, "is no certificate in PEM: " + error.message());
}

void read_private_key(ssl::context& context, const std::filesystem::path& file) {
  require_readable("serve.private_key", file);
  require_private(file);
  // Nobody is there to be asked for it.
  if (needs_pass_phrase(file)) refuse("serve.private_key", file, "has a pass phrase; remove it");
  boost::system::error_code error;
  context.use_private_key_file(file.string(), ssl::context::pem, error);
  if (!error) return;
  if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH) {
    refuse("serve.private_key", file, "is not the key of serve.certificate");
  }
  refuse("serve.private_key", file, "is no private key in PEM: " + error.message());
}

}  // namespace

TlsContext::TlsContext(const std::filesystem::path& certificate,
                       const std::filesystem::path& private_key)
    : context_(ssl::context::tls_server) {
  if (certificate.empty() || private_key.empty()) {
    throw Error(ErrorKind::kConfig, "TLS needs both serve.certificate and serve.private_key");
  }
  SSL_CTX_set_min_proto_version(native(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native(), kCiphers);
  // No tickets and no cache: nothing outlives a connection, neither memory nor keys.
  SSL_CTX_set_options(native(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native(), 0);
  SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(native(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  read_certificate(context_, certificate);
  read_private_key(context_, private_key);
}

TlsSession::TlsSession(TlsContext& context, int socket) : ssl_(SSL_new(context.native())) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) throw std::bad_alloc();
  SSL_set_accept_state(ssl_.get());
}

TlsSession::Outcome TlsSession::outcome_of(int result) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Outcome::kDone;
    case SSL_ERROR_WANT_READ:
      return Outcome::kNeedsRead;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kNeedsWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kEnded;
    default:
      return Outcome::kFailed;
  }
}

// What an earlier call left in the thread's queue of errors would be taken for this one's.
TlsSession::Outcome TlsSession::handshake() {
  ERR_clear_error();
  return outcome_of(SSL_do_handshake(ssl_.get()));
}

TlsSession::Outcome TlsSession::read(char* bytes, std::size_t size, std::size_t& done) {
  ERR_clear_error();
  return outcome_of(SSL_read_ex(ssl_.get(), bytes, size, &done));
}

TlsSession::Outcome TlsSession::write(std::string_view bytes, std::size_t& done) {
  ERR_clear_error();
  return outcome_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &done));
}

TlsSession::Outcome TlsSession::end() {
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());
  // 0: our word is out, the client's has not come.
  return result >= 0 ? Outcome::kDone : outcome_of(result);
}

}  // namespace charrnn
