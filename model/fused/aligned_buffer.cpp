#include "model/fused/aligned_buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace charrnn {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t count) : count_(count) {
  const std::size_t alignment = count * sizeof(float) >= kHugePage ? kHugePage : 64;
  const std::size_t bytes = (count * sizeof(float) + alignment - 1) / alignment * alignment;
  values_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (values_ == nullptr && bytes > 0) throw std::bad_alloc();
#ifdef __linux__
  if (alignment == kHugePage) madvise(values_.get(), bytes, MADV_HUGEPAGE);
#endif
  std::memset(values_.get(), 0, bytes);
}

void AlignedBuffer::Free::operator()(float* values) const { std::free(values); }

}  // namespace charrnn
