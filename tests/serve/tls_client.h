#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/serve/client.h"

namespace charrnn {

/// A client that speaks TLS and believes one certificate.
class TlsClient : public Client {
 public:
  /// Throws when the server shows another certificate or speaks no TLS. `version`: the only one
  /// that is offered; 0: any.
  TlsClient(std::uint16_t port, const std::filesystem::path& certificate, int version = 0);

  /// Says that no more will come, in TLS: the socket stays open both ways.
  void end_input() override;

  /// What both sides speak, "TLSv1.3" for one.
  std::string version() const { return SSL_get_version(ssl_.get()); }

 protected:
  long send_some(std::string_view bytes) override;
  long receive_some(char* bytes, std::size_t size) override;

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace charrnn
