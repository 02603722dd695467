#include "corpus/open_files.h"

#include <filesystem>

#include "base/error.h"

namespace charrnn {
namespace {

void check_unchanged(const InputFile& file, const FileStatus& status, const IndexedFile& indexed) {
  if (status == indexed.status) return;
  const std::string from = ": " + std::to_string(indexed.bytes()) + " bytes then, ";
  if (status.bytes != indexed.bytes()) {
    throw Error(ErrorKind::kInput, file.name() + " changed after it was indexed" + from +
                                       std::to_string(status.bytes) + " now; start again");
  }
  // Only touched, perhaps: what counts is the text.
  if (file.sampled_hash(status.bytes) != indexed.hash) {
    throw Error(
        ErrorKind::kInput,
        file.name() + " changed after it was indexed: other text of the same size; start again");
  }
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

std::shared_ptr<const InputFile> open_unchanged(const IndexedFile& indexed) {
  if (!indexed.source.empty() && !is_there(indexed.path)) {
    throw Error(ErrorKind::kInput,
                indexed.source +
                    ": its plain text was removed from the cache; start again, and it "
                    "is made anew");
  }
  auto file = std::make_shared<const InputFile>(indexed.path, indexed.name());
  check_unchanged(*file, file->opened(), indexed);
  return file;
}

}  // namespace

OpenFiles::OpenFiles(const std::vector<IndexedFile>& files, std::size_t capacity)
    : files_(files), capacity_(capacity) {
  for (std::uint32_t i = 0; i < files_.size() && kept_open_.size() < capacity_; ++i) {
    if (!files_[i].source.empty()) kept_open_.emplace(i, open_unchanged(files_[i]));
  }
}

std::shared_ptr<const InputFile> OpenFiles::get(std::uint32_t number) const {
  const auto kept = kept_open_.find(number);
  if (kept != kept_open_.end()) return kept->second;
  bool check = false;
  std::shared_ptr<const InputFile> file = find(number, check);
  if (file) {
    if (check && files_[number].source.empty())
      check_unchanged(*file, file->status(), files_[number]);
    return file;
  }
  // Opened outside of the lock: a slow disk must not hold up readers of other files.
  file = open_unchanged(files_[number]);
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
