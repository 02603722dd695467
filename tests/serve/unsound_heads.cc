#include "tests/serve/unsound_heads.h"

namespace charrnn {

std::string head_of(const std::string& lines, const std::string& first) {
  return first + "\r\nHost: localhost\r\n" + lines + "\r\n";
}

std::vector<std::string> unsound_heads() {
  return {head_of("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
          head_of("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
          head_of("Content-Length: 5\r\nContent-Length: 5\r\n"),
          head_of("Content-Length: 5\r\nContent-Length: 6\r\n"),
          head_of("Content-Length: 5, 5\r\n"),
          head_of("Content-Length: -5\r\n"),
          head_of("Content-Length: +5\r\n"),
          head_of("Content-Length: 0x5\r\n"),
          head_of("Content-Length: 5 6\r\n"),
          head_of("Content-Length:\r\n"),
          head_of("Content-Length: 99999999999999999999\r\n"),
          head_of("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
          head_of("Transfer-Encoding: gzip, chunked\r\n"),
          head_of("Transfer-Encoding: chunked, identity\r\n"),
          head_of("Transfer-Encoding: identity\r\n"),
          head_of("Transfer-Encoding: xchunked\r\n"),
          head_of("Transfer-Encoding: \"chunked\"\r\n"),
          head_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
          head_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
          head_of("Transfer-Encoding:\x0b"
                  "chunked\r\n"),
          head_of("Transfer-Encoding: chunk\r\n"),
          head_of("Transfer-Encoding:\r\n"),
          head_of("Transfer-Encoding : chunked\r\n"),
          head_of("Content-Length\t: 5\r\n"),
          head_of(" folded: x\r\n"),
          head_of("A: b\r\n c\r\n"),
          head_of("A: b\r\n\tc\r\n"),
          head_of("A: b\nC: d\r\n"),
          head_of("A: b\rC: d\r\n"),
          head_of(std::string("A: \0b\r\n", 8)),
          head_of("no colon\r\n"),
          head_of(": no name\r\n"),
          head_of("A: \x01\r\n"),
          head_of("A: \x7f\r\n"),
          head_of("N\xc3\xa4me: x\r\n"),
          head_of("Host: other\r\n"),
          head_of("", "GET /"),
          head_of("", "GET / HTTP/2.0"),
          head_of("", "GET / HTTP/1.1 "),
          head_of("", "GET  HTTP/1.1"),
          head_of("", "GET /a b HTTP/1.1"),
          head_of("", "GET / http/1.1"),
          head_of("", "GET / HTTP/1.10"),
          head_of("", "G@T / HTTP/1.1"),
          head_of("", " GET / HTTP/1.1"),
          std::string("GET / HTTP/1.1\r\n\r\n"),
          std::string("\r\n\r\n"),
          std::string()};
}

}  // namespace charrnn
