#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "corpus/index.h"
#include "corpus/input_file.h"

namespace charrnn {

/// The files of a corpus that are open now: the least recently used one is closed when there are
/// too many. Texts in the cache are opened first thing and stay open, up to another `capacity` of
/// them: nobody changes them, and whoever empties the cache does not end the run. Safe in any
/// number of threads.
class OpenFiles {
 public:
  static constexpr unsigned kUsesPerCheck = 32;

  /// `files` must outlive this. `capacity`: files that are open at once, at least 1.
  OpenFiles(const std::vector<IndexedFile>& files, std::size_t capacity);

  /// The file, as it was indexed; it stays open for as long as the caller holds it. Throws
  /// Error(kInput) when it vanished or is no longer what was indexed, which is looked at when it is
  /// opened and at every kUsesPerCheck-th use.
  std::shared_ptr<const InputFile> get(std::uint32_t file) const;

 private:
  struct Entry {
    std::shared_ptr<const InputFile> file;
    std::list<std::uint32_t>::iterator use;
    unsigned uses = 1;
  };

  /// The file if it is open, and whether it is to be checked.
  std::shared_ptr<const InputFile> find(std::uint32_t file, bool& check) const;
  void keep(std::uint32_t number, const std::shared_ptr<const InputFile>& file) const;

  const std::vector<IndexedFile>& files_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const InputFile>> kept_open_;  // never changes
  std::size_t capacity_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  mutable std::list<std::uint32_t> uses_;  // the most recent first
  mutable std::unordered_map<std::uint32_t, Entry> open_;
};

}  // namespace charrnn
