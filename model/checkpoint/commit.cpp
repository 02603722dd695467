#include "model/checkpoint/commit.h"

#include <cerrno>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/trace.h"
#include "model/checkpoint/manifest.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

Path temporary_of(Path target) { return target += kTemporarySuffix; }

// Where an older one stays for an instant on file systems that cannot swap.
Path aside_of(Path target) { return temporary_of(target += ".old"); }

void remove_leftover(FileOps& ops, const Path& leftover) {
  require_done(-remove_directory_with_files(ops, leftover), "remove", leftover);
}

Manifest manifest_of(std::uint64_t step, const std::vector<FileImage>& files) {
  const TraceSpan span("hash files");
  Manifest manifest{.step = step, .files = {}};
  for (const FileImage& file : files) manifest.files[file.name] = record_of(file.pieces());
  return manifest;
}

// True when the directory holds a good checkpoint that differs in its timing at most.
bool holds(FileOps& ops, const Path& directory, Manifest wanted) {
  try {
    Manifest there = verify_directory(ops, directory);
    there.files.erase(std::string(kTimingFile));
    wanted.files.erase(std::string(kTimingFile));
    return there.step == wanted.step && there.files == wanted.files;
  } catch (const Error&) {
    return false;
  }
}

void verify_written(FileOps& ops, const Path& directory) {
  const TraceSpan span("read back");
  try {
    verify_directory(ops, directory);
  } catch (const Error& error) {
    throw Error(ErrorKind::kIo,
                std::string("a new checkpoint does not read back as written: ") + error.what());
  }
}

void write_files(FileOps& ops, const Path& directory, const std::vector<FileImage>& files,
                 const Manifest& manifest) {
  const TraceSpan span("write and sync");
  for (const FileImage& file : files) write_durably(ops, directory / file.name, file.pieces());
  write_durably(ops, directory / kManifestName, {manifest_json(manifest)});
  sync_directory(ops, directory);
}

// Fills a new directory and returns when all of it is on the disk and reads back as written.
void write_directory(FileOps& ops, const Path& directory, const std::vector<FileImage>& files,
                     const Manifest& manifest) {
  require_done(ops.make_directory(directory), "make", directory);
  write_files(ops, directory, files, manifest);
  verify_written(ops, directory);
}

// There is an instant without a checkpoint of this step; older ones are there all the time.
void replace_in_two_steps(FileOps& ops, const Path& temporary, const Path& target) {
  const Path aside = aside_of(target);
  remove_leftover(ops, aside);
  require_done(ops.rename(target, aside), "rename", target);
  if (const auto renamed = ops.rename(temporary, target); renamed < 0) {
    ops.rename(aside, target);
    require_done(renamed, "rename", temporary);
  }
}

void move_into_place(FileOps& ops, const Path& temporary, const Path& target) {
  const TraceSpan span("rename");
  FileOps::Result moved = ops.rename(temporary, target);
  if (moved == -EEXIST) {
    moved = ops.exchange(temporary, target);
    if (moved == -EINVAL || moved == -ENOSYS) return replace_in_two_steps(ops, temporary, target);
  }
  require_done(moved, "rename", temporary);
}

}  // namespace

void commit(FileOps& ops, const Path& target, std::uint64_t step,
            const std::vector<FileImage>& files) {
  const Manifest manifest = manifest_of(step, files);
  const Path temporary = temporary_of(target);
  if (!holds(ops, target, manifest)) {
    remove_leftover(ops, temporary);
    try {
      write_directory(ops, temporary, files, manifest);
      move_into_place(ops, temporary, target);
    } catch (...) {
      remove_directory_with_files(ops, temporary);
      throw;
    }
  }
  sync_directory(ops, target.has_parent_path() ? target.parent_path() : ".");
  // What was replaced. Not before the sync: until then the disk may still call it by its old name.
  remove_directory_with_files(ops, temporary);
  remove_directory_with_files(ops, aside_of(target));
}

int remove_committed(FileOps& ops, const Path& directory) {
  const Path temporary = temporary_of(directory);
  if (const int failed = remove_directory_with_files(ops, temporary)) return failed;
  if (const auto renamed = ops.rename(directory, temporary); renamed < 0) {
    return static_cast<int>(-renamed);
  }
  return remove_directory_with_files(ops, temporary);
}

}  // namespace charrnn
