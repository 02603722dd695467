#include "corpus/sources.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ErrorKind::kInput, path + ": " + reason);
}

struct stat status_of(const std::string& path, const std::string& key) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0) return status;
  const int reason = errno;
  struct stat link;
  if (lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
    fail(path, reason == ELOOP ? "a link that leads to itself: remove it"
                               : "a broken link: repair or remove it");
  }
  fail(path, std::string(std::strerror(reason)) + ": check " + key);
}

/// A directory by what it is, not by its name: how a loop of links is known.
using Identity = std::pair<dev_t, ino_t>;

class Finder {
 public:
  Finder(std::string key, fs::path cache) : key_(std::move(key)), cache_(std::move(cache)) {}

  void add(const std::string& source);
  std::vector<std::string> take() { return std::move(found_); }

 private:
  void add_path(const std::string& path);
  void add_named(const std::string& source);
  void add_glob(const std::string& pattern);
  void add_deep_glob(const std::string& base, const std::string& rest);
  void add_list(const std::string& list);
  void add_directory(const std::string& path, Identity identity);

  std::string key_;  // what names the sources, for messages
  fs::path cache_;   // of this program; may be empty
  std::vector<std::string> found_;
  std::vector<Identity> ancestors_;
};

bool exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

/// A list of sources that is named `@name`; nothing when a file has that very name. The
/// configuration writes a relative one as `@/folder/name`, whichever was meant.
std::optional<std::string> list_of(const std::string& source) {
  if (!source.starts_with('@') || exists(source)) return std::nullopt;
  const fs::path list = source.substr(1);
  if (!exists(list) && exists(list.parent_path() / ("@" + list.filename().native()))) {
    return std::nullopt;
  }
  return list;
}

/// What `{a,b}` in a pattern stands for, one after another.
std::vector<std::string> alternatives(const std::string& pattern) {
  const std::size_t open = pattern.find('{');
  if (open == pattern.npos) return {pattern};
  std::vector<std::size_t> cuts = {open};  // the braces and the commas between them
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == ',' && depth == 1) cuts.push_back(i);
    if (pattern[i] == '}' && --depth == 0) {
      cuts.push_back(i);
      break;
    }
  }
  if (depth != 0 || cuts.size() < 3) return {pattern};
  std::vector<std::string> all;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    const std::string inside = pattern.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1);
    const auto each =
        alternatives(pattern.substr(0, open) + inside + pattern.substr(cuts.back() + 1));
    all.insert(all.end(), each.begin(), each.end());
  }
  return all;
}

/// The user's home in place of `~`. The configuration writes a relative `~/name` as
/// `/folder/~/name`.
std::string at_home(const std::string& path) {
  const std::size_t inside = path.rfind("/~/");
  const std::size_t tilde = path.starts_with("~/") ? 0
                            : inside == path.npos  ? path.npos
                                                   : inside + 1;
  const char* const home = std::getenv("HOME");
  if (tilde == path.npos || home == nullptr) return path;
  return home + path.substr(tilde + 1);
}

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

void Finder::add(const std::string& source) {
  if (source == kStandardInput) {
    if (std::count(found_.begin(), found_.end(), source) > 0) {
      fail("-", "standard input can be read only once: name it once in " + key_);
    }
    found_.push_back(source);
  } else if (const auto list = list_of(source)) {
    add_list(*list);
  } else if (source.starts_with('@') && !exists(source)) {
    const fs::path named = source.substr(1);
    add_path((named.parent_path() / ("@" + named.filename().native())).native());
  } else {
    add_named(source);
  }
}

/// A file, a directory or a pattern, of the user or of a list.
void Finder::add_named(const std::string& source) {
  if (exists(source)) return add_path(source);
  for (const std::string& name : alternatives(at_home(source))) {
    if (exists(name) || !is_pattern(name)) {
      add_path(name);
    } else if (const std::size_t deep = name.find("**/"); deep != name.npos) {
      add_deep_glob(name.substr(0, deep), name.substr(deep + 3));
    } else {
      add_glob(name);
    }
  }
}

void Finder::add_path(const std::string& path) {
  const struct stat status = status_of(path, key_);
  if (S_ISDIR(status.st_mode)) {
    const std::size_t before = found_.size();
    add_directory(path, {status.st_dev, status.st_ino});
    if (ancestors_.empty()) std::sort(found_.begin() + before, found_.end());
    if (ancestors_.empty() && found_.size() == before) fail(path, "a directory without any file");
  } else if (S_ISREG(status.st_mode)) {
    found_.push_back(path);
  } else if (S_ISFIFO(status.st_mode)) {
    fail(path, "a pipe; only regular files can be read in place: give it as standard input, " +
                   key_ + " = - and '< " + path + "'");
  } else {
    fail(path, "neither a file nor a directory");
  }
}

/// Whether a directory is a run of this program, or its cache: never text.
bool is_own(const std::string& path, const fs::path& cache) {
  std::error_code error;
  if (!cache.empty() && fs::equivalent(path, cache, error)) return true;
  return exists(path + "/config.ini") && exists(path + "/checkpoints");
}

void Finder::add_directory(const std::string& path, Identity identity) {
  if (std::count(ancestors_.begin(), ancestors_.end(), identity) > 0) {
    fail(path, "a link to a directory that contains it: remove the link");
  }
  if (!ancestors_.empty() && is_own(path, cache_)) return;
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

/// What a pattern matches, sorted by bytes.
std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t matches{};
  const int result = glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &matches);
  std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  globfree(&matches);
  if (result != 0 && result != GLOB_NOMATCH) {
    fail(pattern, "a directory of this pattern cannot be read");
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void Finder::add_glob(const std::string& pattern) {
  const std::vector<std::string> paths = matches_of(pattern);
  if (paths.empty()) fail(pattern, "no file matches: check " + key_);
  for (const std::string& path : paths) add_path(path);
}

/// `base/**/rest`: the files that `rest` matches in any directory of `base`, to any depth, sorted
/// by bytes. Hidden directories and links to directories are not entered.
void Finder::add_deep_glob(const std::string& base, const std::string& rest) {
  const std::string pattern = base + "**/" + rest;
  std::vector<std::string> folders = {base.empty() ? "./" : base};
  std::vector<std::string> files;
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    for (std::string& path : matches_of(folder + rest)) {
      std::error_code error;
      if (!fs::is_directory(path, error)) files.push_back(std::move(path));
    }
    for (const std::string& inside : matches_of(folder + "*/")) {
      std::error_code error;
      if (!fs::is_symlink(inside.substr(0, inside.size() - 1), error)) folders.push_back(inside);
    }
  }
  if (files.empty()) fail(pattern, "no file matches: check " + key_);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) add_path(file);
}

std::string without_blanks(const std::string& line) {
  constexpr const char* kBlanks = " \t";
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

void Finder::add_list(const std::string& list) {
  status_of(list, key_);
  std::ifstream lines(list);
  if (!lines) fail(list, "cannot read this list of files");
  const fs::path folder = fs::path(list).parent_path();
  bool first = true;
  for (std::string line; std::getline(lines, line); first = false) {
    if (first && line.starts_with(kUtf8Mark)) line.erase(0, kUtf8Mark.size());
    if (line.ends_with('\r')) line.pop_back();
    if (!exists((folder / line).native())) line = without_blanks(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line == kStandardInput) fail(list, "standard input cannot stand in a list of files");
    add_named(line.starts_with("~/") ? line : (folder / line).native());
  }
  if (lines.bad()) fail(list, "cannot read this list of files");
}

}  // namespace

std::vector<std::string> find_files(const std::vector<std::string>& sources, const std::string& key,
                                    const std::filesystem::path& cache) {
  if (sources.empty()) throw Error(ErrorKind::kInput, "no text: name files with " + key);
  Finder finder(key, cache);
  for (const std::string& source : sources) finder.add(source);
  std::vector<std::string> files = finder.take();
  if (files.empty()) throw Error(ErrorKind::kInput, "no text: " + key + " names no file");
  return files;
}

}  // namespace charrnn
