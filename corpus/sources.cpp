#include "corpus/sources.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/error.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ExitCode::kInput, path + ": " + reason);
}

struct stat status_of(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0) return status;
  const int reason = errno;
  struct stat link;
  if (lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
    fail(path, reason == ELOOP ? "a link that leads to itself: remove it"
                               : "a broken link: repair or remove it");
  }
  fail(path, std::string(std::strerror(reason)) + ": check corpus.files");
}

/// A directory by what it is, not by its name: how a loop of links is known.
using Identity = std::pair<dev_t, ino_t>;

class Finder {
 public:
  void add(const std::string& source);
  std::vector<std::string> take() { return std::move(found_); }

 private:
  void add_path(const std::string& path);
  void add_glob(const std::string& pattern);
  void add_list(const std::string& list);
  void add_directory(const std::string& path, Identity identity);

  std::vector<std::string> found_;
  std::vector<Identity> ancestors_;
};

bool exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

void Finder::add(const std::string& source) {
  if (source == kStandardInput) {
    if (std::count(found_.begin(), found_.end(), source) > 0) {
      fail("-", "standard input can be read only once: name it once in corpus.files");
    }
    found_.push_back(source);
  } else if (source.starts_with('@') && !exists(source)) {
    add_list(source.substr(1));
  } else if (!exists(source) && source.find_first_of("*?[") != std::string::npos) {
    add_glob(source);
  } else {
    add_path(source);
  }
}

void Finder::add_path(const std::string& path) {
  const struct stat status = status_of(path);
  if (S_ISDIR(status.st_mode)) {
    const std::size_t before = found_.size();
    add_directory(path, {status.st_dev, status.st_ino});
    if (ancestors_.empty()) std::sort(found_.begin() + before, found_.end());
    if (ancestors_.empty() && found_.size() == before) fail(path, "a directory without any file");
  } else if (S_ISREG(status.st_mode)) {
    found_.push_back(path);
  } else if (S_ISFIFO(status.st_mode)) {
    fail(path,
         "a pipe; only regular files can be read in place: give it as standard input, "
         "corpus.files = - and '< " +
             path + "'");
  } else {
    fail(path, "neither a file nor a directory");
  }
}

void Finder::add_directory(const std::string& path, Identity identity) {
  if (std::count(ancestors_.begin(), ancestors_.end(), identity) > 0) {
    fail(path, "a link to a directory that contains it: remove the link");
  }
  ancestors_.push_back(identity);
  std::error_code error;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& entry = entries->path();
    if (entry.filename().native().starts_with('.')) continue;
    std::error_code unknown;
    // Most directories know what is in them: that saves a look at each file.
    if (entries->is_regular_file(unknown)) {
      found_.push_back(entry.native());
    } else {
      add_path(entry.native());
    }
  }
  if (error) fail(path, "cannot read this directory: " + error.message());
  ancestors_.pop_back();
}

void Finder::add_glob(const std::string& pattern) {
  glob_t matches{};
  const int result = glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &matches);
  std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  globfree(&matches);
  if (result == GLOB_NOMATCH) fail(pattern, "no file matches: check corpus.files");
  if (result != 0) fail(pattern, "a directory of this pattern cannot be read");
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) add_path(path);
}

void Finder::add_list(const std::string& list) {
  status_of(list);
  std::ifstream lines(list);
  if (!lines) fail(list, "cannot read this list of files");
  const fs::path folder = fs::path(list).parent_path();
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    if (line == kStandardInput) fail(list, "standard input cannot stand in a list of files");
    const std::string source = (folder / line).native();
    if (!exists(source) && line.find_first_of("*?[") != std::string::npos) {
      add_glob(source);
    } else {
      add_path(source);
    }
  }
  if (lines.bad()) fail(list, "cannot read this list of files");
}

}  // namespace

std::vector<std::string> find_files(const std::vector<std::string>& sources) {
  if (sources.empty()) {
    throw Error(ExitCode::kInput, "no text: name files with corpus.files");
  }
  Finder finder;
  for (const std::string& source : sources) finder.add(source);
  std::vector<std::string> files = finder.take();
  if (files.empty()) throw Error(ExitCode::kInput, "no text: corpus.files names no file");
  return files;
}

}  // namespace charrnn
