#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charrnn {

/// Does work that would hold up other clients on a thread of `pool`, and waits for it without
/// blocking. What `work` refers to must live until then. What it throws is thrown here.
template <typename Work>
boost::asio::awaitable<void> off_thread(boost::asio::thread_pool& pool, Work work) {
  auto there = [&work]() -> boost::asio::awaitable<void> {
    work();
    co_return;
  };
  co_await boost::asio::co_spawn(pool, there, boost::asio::use_awaitable);
}

}  // namespace charrnn
