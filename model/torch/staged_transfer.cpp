#include <stdexcept>
#include <utility>

#include "model/torch/staging.h"
#include "model/torch/transfer.h"

namespace charrnn {
namespace {

/// A batch on its way to the device; gives its place back when nobody needs it any more.
class StagedBatch final : public DeviceBatch {
 public:
  StagedBatch(Batch batch, std::shared_ptr<Staging> staging)
      : DeviceBatch(std::move(batch)),
        staging_(std::move(staging)),
        place_(staging_->send(host())) {}
  ~StagedBatch() override { staging_->put_back(std::move(place_)); }

  StagingPlace& place() const { return *place_; }

 private:
  std::shared_ptr<Staging> staging_;
  std::shared_ptr<StagingPlace> place_;
};

const StagedBatch& staged(const DeviceBatch& batch) {
  const auto* const staged = dynamic_cast<const StagedBatch*>(&batch);
  if (staged == nullptr) throw std::invalid_argument("a batch that was not brought to the device");
  return *staged;
}

/// The steps before which a row is reset, with what its state is multiplied by.
std::vector<Reset> resets_of(const Batch& batch, const at::Tensor& planes) {
  std::vector<Reset> resets;
  const auto length = static_cast<std::size_t>(batch.length);
  for (std::size_t step = 0; step < length && !batch.resets.empty(); ++step) {
    bool any = false;
    for (std::size_t i = step; i < batch.resets.size(); i += length) any |= batch.resets[i] != 0;
    if (!any) continue;
    const auto at = static_cast<std::int64_t>(step);
    resets.push_back({at, planes[2][at].eq(0).to(at::kFloat).unsqueeze(1)});
  }
  return resets;
}

class StagedTransfer final : public Transfer {
 public:
  explicit StagedTransfer(Streams& streams)
      : streams_(streams), staging_(std::make_shared<Staging>(streams)) {}

  std::shared_ptr<const DeviceBatch> start(Batch batch) override {
    return std::make_shared<const StagedBatch>(std::move(batch), staging_);
  }

  void arrive(const DeviceBatch& batch) override {
    streams_.follow(Streams::Stream::kCompute, staged(batch).place().sent);
  }

  Window read(const DeviceBatch& batch) override {
    const at::Tensor& planes = staged(batch).place().device;
    // A symbol above 32767 is negative as int16. The result is the compute stream's own.
    const at::Tensor symbols = planes.slice(0, 0, 2).to(at::kLong).bitwise_and_(0xFFFF);
    return {symbols[0], symbols[1].reshape(-1), resets_of(batch.host(), planes)};
  }

  void leave(const DeviceBatch& batch) override {
    staged(batch).place().read = streams_.mark(Streams::Stream::kCompute);
  }

 private:
  Streams& streams_;
  std::shared_ptr<Staging> staging_;
};

}  // namespace

std::unique_ptr<Transfer> make_staged_transfer(Streams& streams) {
  return std::make_unique<StagedTransfer>(streams);
}

}  // namespace charrnn
