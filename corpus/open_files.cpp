#include "corpus/open_files.h"

#include "base/error.h"

namespace charrnn {
namespace {

void check_unchanged(const InputFile& file, const FileStatus& status, const IndexedFile& indexed) {
  if (status == indexed.status) return;
  const std::string from = ": " + std::to_string(indexed.bytes()) + " bytes then, ";
  if (status.bytes != indexed.bytes()) {
    throw Error(ExitCode::kInput, file.path() + " changed after it was indexed" + from +
                                      std::to_string(status.bytes) + " now; start again");
  }
  // Only touched, perhaps: what counts is the text.
  if (file.sampled_hash(status.bytes) != indexed.hash) {
    throw Error(
        ExitCode::kInput,
        file.path() + " changed after it was indexed: other text of the same size; start again");
  }
}

}  // namespace

OpenFiles::OpenFiles(const std::vector<IndexedFile>& files, std::size_t capacity)
    : files_(files), capacity_(capacity) {}

std::shared_ptr<const InputFile> OpenFiles::get(std::uint32_t number) const {
  bool check = false;
  std::shared_ptr<const InputFile> file = find(number, check);
  if (file) {
    if (check) check_unchanged(*file, file->status(), files_[number]);
    return file;
  }
  // Opened outside of the lock: a slow disk must not hold up readers of other files.
  file = std::make_shared<const InputFile>(files_[number].path);
  check_unchanged(*file, file->opened(), files_[number]);
  keep(number, file);
  return file;
}

std::shared_ptr<const InputFile> OpenFiles::find(std::uint32_t number, bool& check) const {
  const std::lock_guard lock(mutex_);
  const auto entry = open_.find(number);
  if (entry == open_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, entry->second.use);
  check = entry->second.uses++ % kUsesPerCheck == 0;
  return entry->second.file;
}

void OpenFiles::keep(std::uint32_t number, const std::shared_ptr<const InputFile>& file) const {
  const std::lock_guard lock(mutex_);
  if (open_.contains(number)) return;
  if (open_.size() == capacity_) {
    open_.erase(uses_.back());
    uses_.pop_back();
  }
  uses_.push_front(number);
  open_.emplace(number, Entry{file, uses_.begin(), 1});
}

}  // namespace charrnn
