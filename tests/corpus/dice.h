#pragma once

#include <cstddef>
#include <initializer_list>
#include <random>

namespace charrnn {

/// Choices of a property test: the same for the same seed.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t chances) { return below(chances) == 0; }
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }

 private:
  std::mt19937 random_;
};

}  // namespace charrnn
