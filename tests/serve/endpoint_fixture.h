#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "serve/server.h"
#include "tests/serve/client.h"
#include "tests/serve/small_model.h"

namespace charrnn {

/// A server on a free port of the loopback, with a small real network.
class EndpointTest : public testing::Test {
 protected:
  EndpointTest() {
    options_.port = 0;
    defaults_.length = 60;
    defaults_.seed = 11;
    published_.store(snapshot_);
  }

  std::uint16_t start() {
    server_ = std::make_unique<Server>(options_, defaults_, published_);
    return server_->port();
  }

  /// A JSON request; the plain protocol adds a newline.
  static std::string request(const std::string& prompt, std::uint64_t tokens, std::uint64_t seed,
                             const std::string& more = "") {
    return R"({"prompt": ")" + prompt + R"(", "max_tokens": )" + std::to_string(tokens) +
           R"(, "seed": )" + std::to_string(seed) + more + "}\n";
  }

  ServeOptions options_;
  GenerateOptions defaults_;
  PublishedSnapshot published_;
  std::shared_ptr<const Snapshot> snapshot_ = small_snapshot(1);
  std::unique_ptr<Server> server_;
};

}  // namespace charrnn
