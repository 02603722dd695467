#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>

#include "model/torch/streams.h"

namespace charrnn {

/// The host's twin of a GPU: each stream is a thread, so that work runs beside the host and the
/// other stream, at a pace that changes from piece to piece. Recorded work is done only when it is
/// replayed. What work throws comes out of every later wait, as a device's failure does.
class AsyncStreams final : public Streams {
 public:
  bool beside_host() const override { return true; }
  at::Device device() const override { return at::kCPU; }

  void run(Stream stream, std::function<void()> work) override {
    of(stream).post([this, work = std::move(work)] {
      if (pieces_++ % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
      if (!failure_) work();
    });
  }

  std::shared_ptr<const Mark> mark(Stream stream) override {
    auto mark = std::make_shared<AsyncMark>();
    of(stream).post([this, mark] { mark->reach(failure()); });
    return mark;
  }

  void follow(Stream stream, std::shared_ptr<const Mark> mark) override {
    of(stream).post([mark] { future_of(mark).wait(); });
  }

  void wait(const std::shared_ptr<const Mark>& mark) override { future_of(mark).get(); }

  at::Tensor host_memory(at::IntArrayRef size, at::ScalarType type) override {
    return at::empty(size, type);
  }

  std::unique_ptr<Recording> record(std::function<void()> work) override {
    ++recordings;
    if (!records) return nullptr;
    return std::make_unique<AsyncRecording>(*this, std::move(work));
  }

  /// The stream stands still from here until release().
  void hold(Stream stream) {
    of(stream).post([this] { held_.acquire(); });
  }
  void release() { held_.release(); }

  static bool reached(const std::shared_ptr<const Mark>& mark) {
    return future_of(mark).wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  bool records = true;
  int recordings = 0;  // asked for
  int replays = 0;

 private:
  struct AsyncMark final : Mark {
    std::promise<void> promise;
    std::shared_future<void> future = promise.get_future().share();
    void reach(const std::exception_ptr& failure) {
      if (failure) {
        promise.set_exception(failure);
      } else {
        promise.set_value();
      }
    }
  };

  struct AsyncRecording final : Recording {
    AsyncRecording(AsyncStreams& of, std::function<void()> what)
        : streams(of), work(std::move(what)) {}
    void replay() override {
      ++streams.replays;
      streams.run(Stream::kCompute, work);
    }
    AsyncStreams& streams;
    std::function<void()> work;
  };

  // A thread that does what it is given, in order.
  class Lane {
   public:
    explicit Lane(AsyncStreams& streams) : thread_([this, &streams] { loop(streams); }) {}
    ~Lane() {
      post(nullptr);
      thread_.join();
    }
    void post(std::function<void()> job) {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      filled_.notify_one();
    }

   private:
    void loop(AsyncStreams& streams) {
      while (auto job = next()) {
        try {
          job();
        } catch (...) {
          streams.fail(std::current_exception());
        }
      }
    }
    std::function<void()> next() {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !jobs_.empty(); });
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      return job;
    }

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> jobs_;
    std::thread thread_;
  };

  static const std::shared_future<void>& future_of(const std::shared_ptr<const Mark>& mark) {
    return dynamic_cast<const AsyncMark&>(*mark).future;
  }

  void fail(const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex_);
    cause_ = failure;
    failure_ = true;
  }
  std::exception_ptr failure() {
    const std::lock_guard lock(mutex_);
    return cause_;
  }
  Lane& of(Stream stream) { return stream == Stream::kCopy ? copy_ : compute_; }

  std::atomic<int> pieces_{0};
  std::atomic<bool> failure_{false};
  std::mutex mutex_;
  std::exception_ptr cause_;  // guarded by mutex_
  std::counting_semaphore<> held_{0};
  Lane copy_{*this};
  Lane compute_{*this};
};

}  // namespace charrnn
