#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <stdexcept>
#include <utility>

#include "model/torch/transfer.h"
#include "model/torch/window.h"

namespace charrnn {
namespace {

/// A batch on its way to a GPU.
class CudaBatch final : public DeviceBatch {
 public:
  using DeviceBatch::DeviceBatch;

  at::Tensor symbols;  // [2, T, B] int16: inputs and targets
  at::Tensor keep;     // [resets, B, 1], undefined when there are none
  std::vector<std::int64_t> reset_steps;
  mutable at::cuda::CUDAEvent arrived;
};

class CudaTransfer final : public Transfer {
 public:
  explicit CudaTransfer(at::Device device)
      : device_(device), stream_(c10::cuda::getStreamFromPool(false, device.index())) {}

  // The caching host allocator keeps pinned memory until the copy that reads it is done.
  std::shared_ptr<const DeviceBatch> start(Batch batch) override {
    const Window window = make_window(batch);
    auto sent = std::make_shared<CudaBatch>(std::move(batch));
    const c10::cuda::CUDAStreamGuard on_side_stream(stream_);
    const at::Tensor targets = window.targets.view(window.inputs.sizes());
    sent->symbols = send(at::stack({window.inputs, targets}).to(at::kShort));
    std::vector<at::Tensor> factors;
    for (const Reset& reset : window.resets) {
      factors.push_back(reset.keep);
      sent->reset_steps.push_back(reset.step);
    }
    if (!factors.empty()) sent->keep = send(at::stack(factors));
    sent->arrived.record(stream_);
    return sent;
  }

  Window finish(const DeviceBatch& batch) override {
    const auto* const sent = dynamic_cast<const CudaBatch*>(&batch);
    if (sent == nullptr) throw std::invalid_argument("a batch that was not brought to the GPU");
    const c10::cuda::CUDAStream compute = c10::cuda::getCurrentCUDAStream(device_.index());
    sent->arrived.block(compute);
    // The memory belongs to the side stream: it is not to be used again before `compute` is done.
    sent->symbols.record_stream(compute);
    Window window;
    // A symbol above 32767 is negative as int16.
    const at::Tensor symbols = sent->symbols.to(at::kLong).bitwise_and_(0xFFFF);
    window.inputs = symbols[0];
    window.targets = symbols[1].reshape(-1);
    if (sent->keep.defined()) sent->keep.record_stream(compute);
    for (std::size_t i = 0; i < sent->reset_steps.size(); ++i) {
      window.resets.push_back({sent->reset_steps[i], sent->keep[static_cast<std::int64_t>(i)]});
    }
    return window;
  }

 private:
  at::Tensor send(const at::Tensor& tensor) const {
    return tensor.pin_memory().to(device_, /*non_blocking=*/true);
  }

  at::Device device_;
  c10::cuda::CUDAStream stream_;
};

}  // namespace

std::unique_ptr<Transfer> make_cuda_transfer(at::Device device) {
  return std::make_unique<CudaTransfer>(device);
}

}  // namespace charrnn
