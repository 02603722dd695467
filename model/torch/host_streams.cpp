#include "model/torch/streams.h"

namespace charrnn {
namespace {

class HostStreams final : public Streams {
 public:
  bool beside_host() const override { return false; }
  at::Device device() const override { return at::kCPU; }
  void run(Stream, std::function<void()> work) override { work(); }
  std::shared_ptr<const Mark> mark(Stream) override { return nullptr; }
  void follow(Stream, std::shared_ptr<const Mark>) override {}
  void wait(const std::shared_ptr<const Mark>&) override {}
  at::Tensor host_memory(at::IntArrayRef size, at::ScalarType type) override {
    return at::empty(size, type);
  }
  std::unique_ptr<Recording> record(std::function<void()>) override { return nullptr; }
};

}  // namespace

std::unique_ptr<Streams> make_host_streams() { return std::make_unique<HostStreams>(); }

}  // namespace charrnn
