// The rooms include one another in one direction only, and each library has its own place. Reads
// the sources; the rules are the two tables below.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace charrnn {
namespace {

using Sources = std::map<std::string, std::string>;  // path from the root -> text

// Room -> the rooms it may include besides itself. A room is the longest of these names that a path
// begins with.
const std::map<std::string, std::set<std::string>> kArrows{
    {"base", {}},
    {"corpus", {"base"}},
    {"cluster", {"base"}},
    {"model", {"corpus", "base"}},
    {"model/checkpoint", {"model", "corpus", "base"}},
    {"model/fused", {"model", "corpus", "base"}},
    {"model/torch", {"model/fused", "model", "corpus", "base"}},
    {"nodes", {"model/checkpoint", "model", "corpus", "base"}},
    {"serve/engine", {"model", "corpus", "base"}},
    {"serve", {"serve/engine", "model", "corpus", "base"}},
    {"pipeline/config", {"cluster", "model", "corpus", "base"}},
    {"pipeline/graph", {"nodes", "model/checkpoint", "model", "corpus", "base"}},
    {"pipeline/run",
     {"pipeline/graph", "pipeline/config", "nodes", "cluster", "model/torch", "model/fused",
      "model/checkpoint", "model", "corpus", "base"}},
    {"pipeline/commands",
     {"pipeline/run", "pipeline/graph", "pipeline/config", "serve", "nodes", "cluster",
      "model/torch", "model/fused", "model/checkpoint", "model", "corpus", "base"}}};

// A library's headers, by how their names begin, and the only place that may include them.
struct Place {
  std::string header;
  std::string only;
};
const std::vector<Place> kPlaces{{"oneapi/tbb/flow_graph", "pipeline/graph/graph.cpp"},
                                 {"tbb/flow_graph", "pipeline/graph/graph.cpp"},
                                 {"oneapi/tbb.h", "pipeline/graph/graph.cpp"},
                                 {"tbb/tbb.h", "pipeline/graph/graph.cpp"},
                                 {"boost/asio", "serve/"},
                                 {"boost/beast", "serve/"},
                                 {"openssl/", "serve/"},
                                 {"boost/program_options", "pipeline/config/"},
                                 {"ATen/", "model/torch/"},
                                 {"torch/", "model/torch/"},
                                 {"c10/", "model/torch/"},
                                 {"cuda", "model/torch/"},
                                 {"zlib.h", "corpus/"},
                                 {"zstd", "corpus/"},
                                 {"lzma", "corpus/"},
                                 {"bzlib.h", "corpus/"},
                                 {"mpi.h", "cluster/mpi/"},
                                 {"utf8proc.h", "corpus/"},
                                 {"pcre2.h", "serve/engine/dfa_matcher.cpp"},
                                 {"gtest/", "tests/"},
                                 {"benchmark/", "bench/"}};

bool begins(const std::string& text, const std::string& with) { return text.starts_with(with); }

struct Include {
  int line = 0;
  std::string header;
  bool quoted = false;  // ours; the libraries' stand in angle brackets
};

std::vector<Include> includes_of(const std::string& text) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<Include> all;
  std::istringstream lines(text);
  std::string line;
  std::smatch match;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find("include") != std::string::npos && std::regex_match(line, match, pattern)) {
      all.push_back({.line = number, .header = match[2], .quoted = match[1] == "\""});
    }
  }
  return all;
}

// The room of a path from the root; empty when it is in none.
std::string room_of(const std::string& path) {
  std::string room = path;
  while (!room.empty() && !kArrows.contains(room)) {
    const auto slash = room.rfind('/');
    room = slash == std::string::npos ? std::string() : room.substr(0, slash);
  }
  return room;
}

std::string first_folder(const std::string& path) { return path.substr(0, path.find('/')); }

// Why this include is against the rules; empty when it is not.
std::string fault(const std::string& file, const Include& include) {
  for (const Place& place : kPlaces) {
    if (begins(include.header, place.header) && !begins(file, place.only)) {
      return "only " + place.only + " may";
    }
  }
  if (begins(include.header, "fmt/") && begins(file, "model/")) return "model/ formats nothing";
  if (!include.quoted) return {};
  const std::string from = room_of(file);
  const std::string to = room_of(include.header);
  if (to.empty()) return "no path from the root that begins with a room";
  // The options of the endpoint are configured like all others.
  if (from == "pipeline/config" && include.header == "serve/options.h") return {};
  if (from != to && !kArrows.at(from).contains(to)) return from + "/ may not include " + to + "/";
  return {};
}

// Whether a file includes such a header, itself or through ours.
bool sees(const Sources& sources, const std::string& file, const std::set<std::string>& headers) {
  std::set<std::string> visited;
  const std::function<bool(const std::string&)> visit = [&](const std::string& path) {
    const auto found = sources.find(path);
    if (found == sources.end() || !visited.insert(path).second) return false;
    const auto all = includes_of(found->second);
    return std::any_of(all.begin(), all.end(), [&](const Include& include) {
      return headers.contains(first_folder(include.header)) ||
             (include.quoted && visit(include.header));
    });
  };
  return visit(file);
}

// One line for each violation: file:line, the header and the rule.
std::vector<std::string> violations(const Sources& sources) {
  std::vector<std::string> all;
  for (const auto& [file, text] : sources) {
    const auto tell = [&all, &path = file](const Include& include, const std::string& why) {
      all.push_back(path + ":" + std::to_string(include.line) + ": includes " + include.header +
                    ": " + why);
    };
    for (const Include& include : includes_of(text)) {
      if (const auto why = fault(file, include); !why.empty()) {
        tell(include, why);
      } else if (begins(include.header, "fmt/") && sees(sources, file, {"ATen", "torch", "c10"})) {
        tell(include, "torch brings another fmt: not both in one file");
      }
    }
  }
  return all;
}

Sources read_rooms(const std::filesystem::path& root) {
  Sources sources;
  for (const char* folder : {"base", "corpus", "model", "nodes", "serve", "pipeline"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      std::ifstream file(entry.path());
      sources[std::filesystem::relative(entry.path(), root).generic_string()] =
          std::string(std::istreambuf_iterator<char>(file), {});
    }
  }
  return sources;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

TEST(IncludeArrows, PointInOneDirectionAndLibrariesStayInTheirPlaces) {
  const Sources sources = read_rooms(CHARRNN_SOURCE_DIR);
  for (const char* file : {"corpus/corpus.h", "model/torch/torch_backend.cpp", "nodes/reader.cpp",
                           "serve/server.cpp", "pipeline/graph/graph.cpp"}) {
    EXPECT_TRUE(sources.contains(file)) << file;
  }
  EXPECT_EQ(joined(violations(sources)), "");
}

TEST(IncludeArrows, TheRulesStillNameWhatTheSourcesInclude) {
  const Sources sources = read_rooms(CHARRNN_SOURCE_DIR);
  for (const char* header : {"oneapi/tbb/flow_graph.h", "ATen/ATen.h", "zlib.h", "utf8proc.h",
                             "boost/asio/io_context.hpp", "fmt/format.h"}) {
    EXPECT_TRUE(std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
      const auto all = includes_of(source.second);
      return std::any_of(all.begin(), all.end(),
                         [&](const Include& include) { return include.header == header; });
    })) << header;
  }
}

TEST(IncludeArrowsChecker, TellsAnArrowThatIsNotInTheTable) {
  for (const auto& [from, allowed] : kArrows) {
    for (const auto& [to, _] : kArrows) {
      const Sources sources{{from + "/made_up.h", "#pragma once\n\n#include \"" + to + "/x.h\"\n"}};
      const bool good = from == to || allowed.contains(to);
      const std::string want = good ? ""
                                    : from + "/made_up.h:3: includes " + to + "/x.h: " + from +
                                          "/ may not include " + to + "/\n";
      EXPECT_EQ(joined(violations(sources)), want);
    }
  }
}

TEST(IncludeArrowsChecker, DrawsNoCircle) {
  std::set<std::string> settled;
  for (std::size_t round = 0; round < kArrows.size(); ++round) {
    for (const auto& [room, allowed] : kArrows) {
      if (std::includes(settled.begin(), settled.end(), allowed.begin(), allowed.end())) {
        settled.insert(room);
      }
    }
  }
  EXPECT_EQ(settled.size(), kArrows.size());
}

TEST(IncludeArrowsChecker, TakesTheInnermostFolderForTheRoom) {
  EXPECT_EQ(room_of("model/torch/char_rnn.cpp"), "model/torch");
  EXPECT_EQ(room_of("model/network.h"), "model");
  EXPECT_EQ(room_of("elsewhere/network.h"), "");
}

TEST(IncludeArrowsChecker, NamesLibrariesOutOfPlace) {
  const std::vector<std::pair<std::string, std::string>> made_up{
      {"pipeline/run/training.cpp", "oneapi/tbb/flow_graph.h"},
      {"nodes/reader.cpp", "tbb/tbb.h"},
      {"pipeline/graph/graph.h", "tbb/flow_graph.h"},
      {"pipeline/commands/main.cpp", "boost/asio.hpp"},
      {"base/json.cpp", "boost/beast/http.hpp"},
      {"model/fused/team.cpp", "ATen/ATen.h"},
      {"nodes/train_step.cpp", "torch/torch.h"},
      {"serve/engine/engine.cpp", "c10/util/Half.h"},
      {"nodes/reader.h", "zlib.h"},
      {"model/checkpoint/checkpoint.cpp", "zstd.h"},
      {"serve/prompt.cpp", "utf8proc.h"},
      {"model/checkpoint/manifest.cpp", "fmt/format.h"}};
  for (const auto& [file, header] : made_up) {
    const auto found = violations({{file, "// one\n#include <" + header + ">\n"}});
    ASSERT_EQ(found.size(), 1U) << file << " " << header;
    EXPECT_TRUE(begins(found[0], file + ":2: includes " + header + ": ")) << found[0];
  }
}

TEST(IncludeArrowsChecker, SeesTorchThroughAnotherHeader) {
  const Sources sources{
      {"model/torch/middle.h", "#include \"model/torch/inner.h\"\n"},
      {"model/torch/inner.h", "#include <ATen/ATen.h>\n"},
      {"pipeline/run/both.cpp", "#include <fmt/format.h>\n#include \"model/torch/middle.h\"\n"},
      {"pipeline/run/one.cpp", "#include \"model/torch/middle.h\"\n"}};
  EXPECT_EQ(
      joined(violations(sources)),
      "pipeline/run/both.cpp:1: includes fmt/format.h: torch brings another fmt: not both in one "
      "file\n");
}

TEST(IncludeArrowsChecker, WantsPathsFromTheRootAndTakesCommentsForComments) {
  EXPECT_EQ(violations({{"serve/a.cpp", "#include \"server.h\"\n"}}).size(), 1U);
  EXPECT_EQ(violations({{"serve/a.cpp", "#  include \"../nodes/reader.h\"\n"}}).size(), 1U);
  EXPECT_EQ(violations({{"serve/a.cpp", "// #include \"nodes/reader.h\"\n"}}).size(), 0U);
}

}  // namespace
}  // namespace charrnn
