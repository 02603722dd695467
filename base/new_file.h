#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace charrnn {

/// A file that appears under its name when it is complete. Until publish() it has a temporary name
/// beside it, which the destructor removes. For one thread.
///
/// The temporary file is locked (flock) for as long as it is written. One without a lock was left
/// by a process that was killed: remove_abandoned_files() knows it by that.
class NewFile {
 public:
  /// Makes the folders above `target`. Throws Error(kIo).
  explicit NewFile(std::filesystem::path target);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Appends. Throws Error(kIo) with the file and the reason: the disk is full.
  void write(std::string_view bytes);

  /// Syncs the content to disk and gives it its name, or `target` when it became known only now.
  void publish();
  void publish(const std::filesystem::path& target);

 private:
  [[noreturn]] void fail(const std::string& what, int reason) const;

  std::filesystem::path target_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// Whether a file has the temporary name of one that is being written, or was left half-written.
bool is_unpublished(const std::filesystem::path& file);

/// Removes the temporary files in `folder` whose writers are no more. Never throws.
void remove_abandoned_files(const std::filesystem::path& folder) noexcept;

}  // namespace charrnn
