#include "base/new_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "base/durable_files.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

constexpr const char* kTemporary = ".part-";

// No two files of this process get the same name; one that a process of the same number has left
// is passed over.
Path next_temporary_name(const Path& target) {
  static std::atomic<unsigned> count = 0;
  return Path(target) +=
         kTemporary + std::to_string(getpid()) + "-" + std::to_string(count.fetch_add(1));
}

Path folder_of(const Path& file) { return file.has_parent_path() ? file.parent_path() : Path("."); }

const char* key_of(FileKind kind) {
  return kind == FileKind::kCache ? "corpus.cache_directory" : "run.directory";
}

}  // namespace

NewFile::NewFile(Path target, FileKind kind, FileOps& ops)
    : target_(std::move(target)), kind_(kind), ops_(ops) {
  make_directories(ops_, folder_of(target_), key_of(kind_));
  open();
}

void NewFile::open() {
  constexpr unsigned kOwnerOnly = 0600;
  constexpr unsigned kAsUmaskSays = 0666;
  FileOps::Result opened = -EEXIST;
  while (opened == -EEXIST || opened == -EINTR) {
    temporary_ = next_temporary_name(target_);
    opened = ops_.create(temporary_, kind_ == FileKind::kCache ? kOwnerOnly : kAsUmaskSays);
  }
  if (opened < 0) temporary_.clear();
  require_done(opened, "make");
  descriptor_ = static_cast<int>(opened);
  ops_.lock(descriptor_);
}

NewFile::~NewFile() {
  if (!temporary_.empty()) ops_.remove_file(temporary_);
  if (descriptor_ >= 0) ops_.close(descriptor_);
}

void NewFile::write(std::string_view bytes) {
  write_all(ops_, descriptor_, bytes, target_, key_of(kind_));
}

void NewFile::publish() { publish(target_); }

void NewFile::publish(const Path& target) {
  require_done(ops_.sync(descriptor_), "sync");
  // Renamed before the lock is given up, so that nobody takes the file for abandoned.
  require_done(ops_.replace(temporary_, target), "rename");
  temporary_.clear();
  sync_directory(ops_, folder_of(target), key_of(kind_));
}

void NewFile::require_done(FileOps::Result result, const char* what) const {
  charrnn::require_done(result, what, target_, key_of(kind_));
}

void write_whole_file(const Path& file, std::string_view content, FileKind kind, FileOps& ops) {
  NewFile fresh(file, kind, ops);
  fresh.write(content);
  fresh.publish();
}

bool is_unpublished(const std::filesystem::path& file) {
  return file.filename().native().find(kTemporary) != std::string::npos;
}

void remove_abandoned_files(const Path& folder) noexcept {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (!is_unpublished(entries->path())) continue;
    const std::string& path = entries->path().native();
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    if (flock(file, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
    close(file);
  }
}

}  // namespace charrnn
