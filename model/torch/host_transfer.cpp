#include <utility>

#include "model/torch/transfer.h"
#include "model/torch/window.h"

namespace charrnn {
namespace {

class HostTransfer final : public Transfer {
 public:
  std::shared_ptr<const DeviceBatch> start(Batch batch) override {
    return std::make_shared<const DeviceBatch>(std::move(batch));
  }
  void arrive(const DeviceBatch&) override {}
  Window read(const DeviceBatch& batch) override { return make_window(batch.host()); }
  void leave(const DeviceBatch&) override {}
};

}  // namespace

std::unique_ptr<Transfer> make_host_transfer() { return std::make_unique<HostTransfer>(); }

}  // namespace charrnn
