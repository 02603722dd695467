// The tour names files; each of them has to be there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace charrnn {
namespace {

const std::filesystem::path kRoot = CHARRNN_SOURCE_DIR;

// The names in `code` that end as sources do, with or without their folders.
std::set<std::string> named_files(const std::string& text) {
  static const std::regex kName(R"(`([\w./-]+\.(?:h|cpp|ini|json|html))`)");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), kName), end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

// Every source by its name alone and by its path from the root.
std::set<std::string> present_files() {
  std::set<std::string> files{"config.ini"};  // a run writes it
  for (const char* room :
       {"base", "corpus", "cluster", "model", "nodes", "serve", "pipeline", "configs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / room)) {
      files.insert(entry.path().filename().string());
      files.insert(std::filesystem::relative(entry.path(), kRoot).generic_string());
    }
  }
  return files;
}

TEST(Tour, NamesOnlyFilesThatAreThere) {
  std::ifstream stream(kRoot / "docs/tour.md");
  const std::set<std::string> named = named_files({std::istreambuf_iterator<char>(stream), {}});
  const std::set<std::string> present = present_files();
  EXPECT_GT(named.size(), 60U);
  for (const std::string& name : named) EXPECT_TRUE(present.contains(name)) << name;
}

TEST(Tour, IsReadNameByName) {
  EXPECT_EQ(named_files("`a.cpp` and `serve/b.h`, not `c` nor d.cpp"),
            (std::set<std::string>{"a.cpp", "serve/b.h"}));
}

}  // namespace
}  // namespace charrnn
