#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace charrnn {

/// Wakes one waiting coroutine of the same thread. What is raised before wait() is not lost.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Ends the wait, or the next one.
  void raise() {
    raised_ = true;
    timer_.cancel();
  }

  /// Waits for raise(). False when `at_most` passed first.
  boost::asio::awaitable<bool> wait(std::chrono::steady_clock::duration at_most) {
    if (!raised_) {
      timer_.expires_after(at_most);
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return std::exchange(raised_, false);
  }

 private:
  boost::asio::steady_timer timer_;
  bool raised_ = false;
};

}  // namespace charrnn
