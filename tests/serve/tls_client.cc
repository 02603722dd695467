#include "tests/serve/tls_client.h"

#include <stdexcept>

namespace charrnn {

TlsClient::TlsClient(std::uint16_t port, const std::filesystem::path& certificate, int version)
    : Client(port),
      context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      ssl_(nullptr, &SSL_free) {
  SSL_CTX_load_verify_file(context_.get(), certificate.c_str());
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  // The oldest versions need the lowest level of security even to be offered.
  if (version != 0) SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), version);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set1_host(ssl_.get(), "localhost");
  SSL_set_fd(ssl_.get(), socket());
  if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("no TLS here");
}

void TlsClient::end_input() { SSL_shutdown(ssl_.get()); }

long TlsClient::send_some(std::string_view bytes) {
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

long TlsClient::receive_some(char* bytes, std::size_t size) {
  return SSL_read(ssl_.get(), bytes, static_cast<int>(size));
}

}  // namespace charrnn
