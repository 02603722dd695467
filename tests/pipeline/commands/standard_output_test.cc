#include "pipeline/commands/standard_output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace charrnn {
namespace {

/// Standard output as a socket that keeps every write apart.
class Packets {
 public:
  Packets() : kept_(dup(STDOUT_FILENO)) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends_), 0);
    std::fflush(stdout);
    dup2(ends_[1], STDOUT_FILENO);
  }
  ~Packets() {
    dup2(kept_, STDOUT_FILENO);
    for (const int descriptor : {kept_, ends_[0], ends_[1]}) close(descriptor);
  }
  std::vector<std::string> all() const {
    std::vector<std::string> packets;
    char text[1 << 16];
    for (ssize_t n = 0; (n = recv(ends_[0], text, sizeof text, MSG_DONTWAIT)) > 0;) {
      packets.emplace_back(text, static_cast<std::size_t>(n));
    }
    return packets;
  }

 private:
  int kept_;
  int ends_[2] = {-1, -1};
};

TEST(PacedOutput, WritesManyPiecesToAPipeInFewSystemCallsAndLosesNone) {
  const Packets packets;
  PacedOutput out;
  std::string expected;
  for (int i = 0; i < 10'000; ++i) {
    out.add("x");
    expected += 'x';
  }
  out.flush();
  std::string text;
  const auto all = packets.all();
  for (const auto& packet : all) text += packet;
  EXPECT_EQ(text, expected);
  EXPECT_LT(all.size(), 100U);
}

TEST(PacedOutput, DoesNotKeepTextForLong) {
  const Packets packets;
  PacedOutput out;
  std::size_t pieces = 0;
  // Whoever reads a pipe while the text is made sees it grow: adding alone brings it there.
  while (packets.all().empty()) {
    out.add("x");
    ++pieces;
    ASSERT_LE(pieces, 4096U);
    usleep(1000);
  }
  EXPECT_LT(pieces, 4096U);
}

}  // namespace
}  // namespace charrnn
