// Applies the example of CONTRIBUTING.md to copies of the files that it changes, so that they can
// be compiled: apply_example CONTRIBUTING.md SOURCE_FOLDER TARGET_FOLDER.
//
// A block of C++ behind a line that ends in `PATH`: becomes that file. A block of diff names its
// file in "+++ b/PATH" and has hunks behind "@@" lines; the lines that a hunk replaces must be in
// the file exactly once.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

struct Hunk {
  std::string before, after;
};

/// The files of the example, as far as they are applied.
class Example {
 public:
  explicit Example(fs::path sources) : sources_(std::move(sources)) {}

  void add_file(const std::string& path, const std::string& content) { files_[path] = content; }

  void apply(const std::string& path, const Hunk& hunk) {
    if (hunk.before == hunk.after) return;
    if (!files_.contains(path)) files_[path] = read(sources_ / path);
    std::string& content = files_[path];
    const std::size_t at = content.find(hunk.before);
    if (at == std::string::npos || content.find(hunk.before, at + 1) != std::string::npos) {
      throw std::runtime_error("CONTRIBUTING.md: " + path +
                               " must have these lines exactly once:\n" + hunk.before);
    }
    content.replace(at, hunk.before.size(), hunk.after);
  }

  // A file keeps its time when it stays the same, so that little is compiled anew.
  void write(const fs::path& target) const {
    for (const auto& [path, content] : files_) {
      const fs::path file = target / path;
      if (fs::exists(file) && read(file) == content) continue;
      fs::create_directories(file.parent_path());
      std::ofstream(file, std::ios::binary) << content;
    }
  }

 private:
  fs::path sources_;
  std::map<std::string, std::string> files_;
};

/// PATH, when the line ends in `PATH`: and nothing otherwise.
std::string named_file(const std::string& line) {
  if (!line.ends_with("`:")) return {};
  const std::size_t begin = line.rfind('`', line.size() - 3);
  return begin == std::string::npos ? "" : line.substr(begin + 1, line.size() - begin - 3);
}

std::string block(std::istream& in) {
  std::string content;
  for (std::string line; std::getline(in, line) && line != "```";) content += line + "\n";
  return content;
}

void apply_diff(const std::string& diff, Example& example) {
  std::istringstream in(diff);
  std::string path;
  Hunk hunk;
  for (std::string line; std::getline(in, line);) {
    const std::string text = line.empty() ? "\n" : line.substr(1) + "\n";
    if (line.starts_with("+++ b/")) {
      path = line.substr(6);
    } else if (line.starts_with("@@")) {
      example.apply(path, std::exchange(hunk, {}));
    } else if (!line.starts_with("--- a/")) {
      if (!line.starts_with('+')) hunk.before += text;
      if (!line.starts_with('-')) hunk.after += text;
    }
  }
  example.apply(path, hunk);
}

}  // namespace

int main(int, char** arguments) try {
  std::ifstream in(arguments[1]);
  Example example(arguments[2]);
  std::string before;  // the last line with text in front of a block
  for (std::string line; std::getline(in, line);) {
    if (line == "```diff") {
      apply_diff(block(in), example);
    } else if (const std::string path = named_file(before); line == "```cpp" && !path.empty()) {
      example.add_file(path, block(in));
    }
    if (!line.empty()) before = line;
  }
  example.write(arguments[3]);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
