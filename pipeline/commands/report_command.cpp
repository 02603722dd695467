#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/new_file.h"
#include "base/standard_error.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/recorded_run.h"

namespace charrnn {

extern const std::string_view kReportText;  // report.html

namespace {

// Inside of a page, no text of a run may end the element that it stands in.
std::string inside_a_page(const boost::json::value& value) {
  std::string text;
  for (const char c : boost::json::serialize(value)) c == '<' ? text += "\\u003c" : text += c;
  return text;
}

}  // namespace

void report_command(const Config& config, StopSignal&) {
  std::vector<std::string> names = config.report.runs;
  if (names.empty()) names.push_back(config.run.directory);
  boost::json::array runs;
  for (const std::string& name : names) runs.push_back(recorded_run(name));
  auto file = config.report.page;
  if (file.empty()) file = std::filesystem::path(names.front()) / "report.html";
  constexpr std::string_view kPlace = "@runs@";
  std::string page(kReportText);
  page.replace(page.find(kPlace), kPlace.size(), inside_a_page(runs));
  write_whole_file(file, page);
  tell(fmt::format("wrote {}", file.string()));
}

}  // namespace charrnn
