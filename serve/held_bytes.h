#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace charrnn {

/// Bytes that wait until a client has read them: few are held in memory, many in a file without a
/// name in $TMPDIR (else /var/tmp), which is gone with this object. One thread at a time. What
/// cannot be written or read throws RequestError 503.
class HeldBytes {
 public:
  /// The most that stays in memory.
  static constexpr std::size_t kInMemory = 16 * 1024;

  HeldBytes() = default;
  ~HeldBytes();
  HeldBytes(HeldBytes&& other) noexcept;
  HeldBytes& operator=(HeldBytes&& other) noexcept;

  /// Writes at byte `at`, which may lie behind the end; what was never written are zeros.
  void write(std::size_t at, std::string_view bytes);
  void append(std::string_view bytes) { write(size_, bytes); }

  std::size_t size() const { return size_; }

  /// The bytes from `at` on, at most `most` of them.
  std::string read(std::size_t at, std::size_t most) const;

 private:
  std::string memory_;  // everything, while there is no file
  int file_ = -1;
  std::size_t size_ = 0;
};

}  // namespace charrnn
