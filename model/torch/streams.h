#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>

namespace charrnn {

/// Work that was recorded once and can be given to the compute stream again and again.
class Recording {
 public:
  virtual ~Recording() = default;

  /// Gives it to the compute stream: the same operations on the same memory.
  virtual void replay() = 0;
};

/// A device as two streams of work, each done in its own order: one that copies, one that computes.
/// On a GPU they run beside the host and each other; on the host, work is done when it is given.
/// Tests have a twin on the host that runs beside it. Callable from any thread.
class Streams {
 public:
  enum class Stream { kCopy, kCompute };

  /// A point in a stream's work.
  class Mark {
   public:
    virtual ~Mark() = default;
  };

  virtual ~Streams() = default;

  /// True when work goes on after the call that gave it.
  virtual bool beside_host() const = 0;

  virtual at::Device device() const = 0;

  /// Gives a stream work. It calls tensor operations and may not read what they compute; what it
  /// captures has to live until it is done.
  virtual void run(Stream stream, std::function<void()> work) = 0;

  /// The point behind all that the stream was given so far.
  virtual std::shared_ptr<const Mark> mark(Stream stream) = 0;

  /// What the stream is given from now on begins behind the mark. The host goes on.
  virtual void follow(Stream stream, std::shared_ptr<const Mark> mark) = 0;

  /// The host waits for the mark. Throws what work in front of it failed with.
  virtual void wait(const std::shared_ptr<const Mark>& mark) = 0;

  /// Memory of the host, not initialised, that copies can read and write beside the host.
  virtual at::Tensor host_memory(at::IntArrayRef size, at::ScalarType type) = 0;

  /// Records work for the compute stream without doing it; null where nothing can be recorded. The
  /// memory that it uses, but for what it makes itself, has to stay.
  virtual std::unique_ptr<Recording> record(std::function<void()> work) = 0;
};

/// The host itself: work is done at once, on the calling thread.
std::unique_ptr<Streams> make_host_streams();

/// A GPU's: both streams are its own, none is the default one. Throws Error(kConfig) when this
/// build has no CUDA.
std::unique_ptr<Streams> make_cuda_streams(at::Device device);

}  // namespace charrnn
