#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file_ops.h"

namespace charrnn {

/// Whose file it is: who may read it, and what the message of an error suggests.
enum class FileKind {
  kRun,   ///< of a run: as the umask says; run.directory may name another place
  kCache  ///< in the user's cache: for its owner only; corpus.cache_directory may name another
          ///< place
};

/// The one way to write a file that others read: it appears under its name when it is complete and
/// on the disk, and takes the place of an older one in that instant. Until publish() it has a
/// temporary name beside it, which the destructor removes. For one thread.
///
/// The temporary file is locked (flock) while it is written. One without a lock was left by a
/// process that was killed: remove_abandoned_files() knows it by that.
class NewFile {
 public:
  /// Makes the folders above `target`. `ops` is borrowed. Throws Error(kIo).
  explicit NewFile(std::filesystem::path target, FileKind kind = FileKind::kRun,
                   FileOps& ops = system_file_ops());
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Appends. Throws Error(kIo) with the file and the reason.
  void write(std::string_view bytes);

  /// Gives the file its name, or `target` in the same folder when that became known only now.
  /// Returns when content and name are on the disk. Throws Error(kIo); then the older file is there
  /// unless only the last sync, that of the folder, failed.
  void publish();
  void publish(const std::filesystem::path& target);

 private:
  void open();
  void require_done(FileOps::Result result, const char* what) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: nothing to remove
  FileKind kind_;
  FileOps& ops_;
  int descriptor_ = -1;
};

/// Publishes a file with this content. Throws Error(kIo).
void write_whole_file(const std::filesystem::path& file, std::string_view content,
                      FileKind kind = FileKind::kRun, FileOps& ops = system_file_ops());

/// Whether a file has the temporary name of one that is being written, or was left half-written.
bool is_unpublished(const std::filesystem::path& file);

/// Removes the temporary files in `folder` whose writers are no more. Never throws.
void remove_abandoned_files(const std::filesystem::path& folder) noexcept;

}  // namespace charrnn
