// The program under a service manager: what comes to $NOTIFY_SOCKET.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

const std::string kTiny = CHARRNN_SOURCE_DIR "/configs/tiny.ini";

// A datagram socket as a service manager has it; a name that begins with @ is in no file system.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name)
      : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  ~NotifySocket() { ::close(descriptor_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The next datagram; empty when none comes within a minute.
  std::string next() const {
    pollfd waits{descriptor_, POLLIN, 0};
    if (::poll(&waits, 1, 60000) != 1) return {};
    std::array<char, 1024> buffer{};
    const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  int descriptor_;
};

class Service : public ::testing::Test {
 protected:
  std::vector<std::string> with(const std::string& command, std::vector<std::string> more) const {
    more.insert(more.begin(), {command, "--config", kTiny,
                               "--run.directory=" + (directory.path() / "run").string()});
    return more;
  }
  // Starts a server that tells this socket, and ends it.
  void serve(const std::string& name) const {
    const NotifySocket socket(name);
    Program program(with("serve", {"--serve.port=0"}),
                    "NOTIFY_SOCKET=" + name + " exec \"$0\" \"$@\"");
    const std::string ready = socket.next();
    EXPECT_TRUE(ready.starts_with("READY=1\nSTATUS=serving step 3 on ")) << ready << program.err();
    program.signal(SIGTERM);
    EXPECT_EQ(socket.next(), "STOPPING=1");
    EXPECT_EQ(program.finish().code, 0);
  }
  TemporaryDirectory directory;
};

TEST_F(Service, IsToldWhenItCanBeAskedAndWhenItStops) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=3"})).code, 0);
  serve((directory.path() / "notify").string());
  serve("@charrnn-test-" + std::to_string(::getpid()));
}

TEST_F(Service, GoesOnWithoutAManagerThatListens) {
  Program program(with("train", {"--train.max_steps=3"}),
                  "NOTIFY_SOCKET=/nonexistent/notify exec \"$0\" \"$@\"");
  EXPECT_EQ(program.finish().code, 0);
}

}  // namespace
}  // namespace charrnn
