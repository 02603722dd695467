#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <utility>

#include "model/torch/streams.h"

namespace charrnn {
namespace {

using c10::cuda::CUDAStream;
using c10::cuda::CUDAStreamGuard;

struct CudaMark final : Streams::Mark {
  // A host that waits sleeps. Mutable, since waiting changes an event's state, not its place.
  mutable at::cuda::CUDAEvent event{cudaEventBlockingSync | cudaEventDisableTiming};
};

at::cuda::CUDAEvent& event_of(const Streams::Mark& mark) {
  return static_cast<const CudaMark&>(mark).event;
}

class CudaRecording final : public Recording {
 public:
  explicit CudaRecording(CUDAStream stream) : stream_(stream) {}

  // False when some operation cannot be captured; then nothing was done. Other threads go on
  // copying meanwhile, so only this one's calls are held to what may be captured.
  bool capture(const std::function<void()>& work) {
    const CUDAStreamGuard guard(stream_);
    stream_.synchronize();
    graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      work();
      graph_.capture_end();
      return true;
    } catch (const c10::Error& error) {
      TORCH_WARN("steps are done piece by piece: ", error.what_without_backtrace());
      abandon();
      return false;
    }
  }

  void replay() override {
    const CUDAStreamGuard guard(stream_);
    graph_.replay();
  }

 private:
  void abandon() {
    cudaGraph_t unfinished = nullptr;
    cudaStreamEndCapture(stream_, &unfinished);
    if (unfinished != nullptr) cudaGraphDestroy(unfinished);
    cudaGetLastError();  // that of the capture; it is dealt with
    graph_.reset();
  }

  CUDAStream stream_;
  at::cuda::CUDAGraph graph_;
};

class CudaStreams final : public Streams {
 public:
  explicit CudaStreams(at::Device device)
      : device_(device),
        copy_(c10::cuda::getStreamFromPool(false, device.index())),
        compute_(c10::cuda::getStreamFromPool(true, device.index())) {}

  bool beside_host() const override { return true; }
  at::Device device() const override { return device_; }

  void run(Stream stream, std::function<void()> work) override {
    const CUDAStreamGuard guard(of(stream));
    work();
  }

  std::shared_ptr<const Mark> mark(Stream stream) override {
    auto mark = std::make_shared<CudaMark>();
    mark->event.record(of(stream));
    return mark;
  }

  void follow(Stream stream, std::shared_ptr<const Mark> mark) override {
    event_of(*mark).block(of(stream));
  }

  void wait(const std::shared_ptr<const Mark>& mark) override { event_of(*mark).synchronize(); }

  at::Tensor host_memory(at::IntArrayRef size, at::ScalarType type) override {
    return at::empty(size, at::TensorOptions(type).pinned_memory(true));
  }

  std::unique_ptr<Recording> record(std::function<void()> work) override {
    auto recording = std::make_unique<CudaRecording>(compute_);
    if (!recording->capture(work)) return nullptr;
    return recording;
  }

 private:
  CUDAStream of(Stream stream) const { return stream == Stream::kCopy ? copy_ : compute_; }

  at::Device device_;
  CUDAStream copy_;
  CUDAStream compute_;
};

}  // namespace

std::unique_ptr<Streams> make_cuda_streams(at::Device device) {
  return std::make_unique<CudaStreams>(device);
}

}  // namespace charrnn
