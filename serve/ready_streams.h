#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "serve/engine/stream.h"

namespace charrnn {

/// Brings news of the engine to the I/O thread: one wake-up for any number of streams and steps.
class ReadyStreams {
 public:
  explicit ReadyStreams(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Called on the engine's thread.
  void add(const std::vector<std::shared_ptr<Stream>>& streams) {
    {
      const std::lock_guard lock(mutex_);
      streams_.insert(streams_.end(), streams.begin(), streams.end());
      if (std::exchange(posted_, true)) return;
    }
    boost::asio::post(executor_, [this] { tell(); });
  }

 private:
  void tell() {
    std::vector<std::shared_ptr<Stream>> streams;
    {
      const std::lock_guard lock(mutex_);
      streams.swap(streams_);
      posted_ = false;
    }
    for (const auto& stream : streams) stream->ready();
  }

  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Stream>> streams_;  // guarded by mutex_
  bool posted_ = false;                           // guarded by mutex_
};

}  // namespace charrnn
