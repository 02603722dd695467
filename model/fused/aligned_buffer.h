#pragma once

#include <cstddef>
#include <memory>

namespace charrnn {

/// Zeroed floats, aligned for the kernels and, when there are many, on huge pages.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;

  /// Throws std::bad_alloc.
  explicit AlignedBuffer(std::size_t count);

  float* data() { return values_.get(); }
  const float* data() const { return values_.get(); }
  std::size_t size() const { return count_; }

 private:
  struct Free {
    void operator()(float* values) const;
  };
  std::unique_ptr<float[], Free> values_;
  std::size_t count_ = 0;
};

}  // namespace charrnn
