#pragma once

#include <cstddef>
#include <utility>

#include "serve/request_error.h"

namespace charrnn {

/// A bound for what all clients of an endpoint hold together. One thread. It must outlive its
/// shares.
class Budget {
 public:
  /// A share of so few bytes is free: the number of connections bounds those, and nobody who takes
  /// much can keep others from a little.
  static constexpr std::size_t kFree = 16 * 1024;

  /// What one client holds of it, until this object is gone.
  class Share {
   public:
    Share() = default;
    Share(Budget* budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {
      budget_->held_ += bytes;
    }
    ~Share() {
      if (budget_ != nullptr) budget_->held_ -= bytes_;
    }
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }

   private:
    Budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit Budget(std::size_t most) : most_(most) {}

  /// So many bytes of the budget. Throws RequestError 429 when they are not left.
  Share take(std::size_t bytes) {
    if (bytes <= kFree) return {};
    if (bytes > most_ - held_) {
      throw RequestError(429, "all clients together hold too much; try again soon", "",
                         "overloaded");
    }
    return {this, bytes};
  }

  std::size_t held() const { return held_; }

 private:
  const std::size_t most_;
  std::size_t held_ = 0;
};

}  // namespace charrnn
