#include "pipeline/run/corpus_names.h"

#include <fstream>
#include <iterator>

#include "pipeline/config/ini_scanner.h"

namespace charrnn {

std::vector<std::string> corpus_names(const std::vector<std::string>& sources) {
  std::vector<std::string> names;
  for (const auto& source : sources) {
    const std::filesystem::path path(source);
    // A folder may end with its slash.
    const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
    names.push_back(source == "-" ? "standard input" : name.string());
  }
  return names;
}

std::vector<std::string> corpus_names_of_run(const std::filesystem::path& run_directory) {
  std::ifstream stream(run_directory / "config.ini", std::ios::binary);
  const std::string ini(std::istreambuf_iterator<char>(stream), {});
  std::vector<std::string> sources;
  for (const IniSetting& setting : scan_ini(ini, "config.ini").settings) {
    if (setting.key == "corpus.files") sources.push_back(setting.value);
  }
  return corpus_names(sources);
}

}  // namespace charrnn
