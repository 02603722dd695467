#include "model/torch/staging.h"

#include <algorithm>
#include <utility>

namespace charrnn {
namespace {

/// [B, T] -> [T, B]
template <typename T>
std::int16_t* append_plane(const std::vector<T>& values, int rows, int length, std::int16_t* out) {
  for (int t = 0; t < length; ++t) {
    for (int row = 0; row < rows; ++row) {
      const auto from = static_cast<std::size_t>(row) * static_cast<std::size_t>(length) +
                        static_cast<std::size_t>(t);
      *out++ = static_cast<std::int16_t>(values[from]);
    }
  }
  return out;
}

}  // namespace

std::shared_ptr<StagingPlace> Staging::take(at::IntArrayRef size) {
  {
    const std::lock_guard lock(mutex_);
    const auto fits = [&](const auto& place) { return place->host.sizes() == size; };
    const auto found = std::find_if(free_.begin(), free_.end(), fits);
    if (found != free_.end()) {
      auto place = std::move(*found);
      free_.erase(found);
      return place;
    }
    ++places_;
  }
  auto place = std::make_shared<StagingPlace>();
  place->host = streams_.host_memory(size, at::kShort);
  // Its own stream makes it, so that its memory belongs to that stream.
  const std::vector<std::int64_t> shape = size.vec();
  const auto options = at::TensorOptions(at::kShort).device(streams_.device());
  streams_.run(Streams::Stream::kCopy, [=] { place->device = at::empty(shape, options); });
  return place;
}

std::shared_ptr<StagingPlace> Staging::send(const Batch& batch) {
  auto place = take({batch.resets.empty() ? 2 : 3, batch.length, batch.rows});
  if (place->sent) streams_.wait(place->sent);
  auto* out = place->host.mutable_data_ptr<std::int16_t>();
  out = append_plane(batch.inputs, batch.rows, batch.length, out);
  out = append_plane(batch.targets, batch.rows, batch.length, out);
  if (!batch.resets.empty()) append_plane(batch.resets, batch.rows, batch.length, out);
  if (place->read) streams_.follow(Streams::Stream::kCopy, place->read);
  streams_.run(Streams::Stream::kCopy,
               [place] { place->device.copy_(place->host, /*non_blocking=*/true); });
  place->sent = streams_.mark(Streams::Stream::kCopy);
  return place;
}

void Staging::put_back(std::shared_ptr<StagingPlace> place) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(place));
}

int Staging::places() const {
  const std::lock_guard lock(mutex_);
  return places_;
}

}  // namespace charrnn
