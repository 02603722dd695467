#include "pipeline/run/stored_reading.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"

namespace charrnn {
namespace {

bool tells_reading(std::string_view key) {
  constexpr std::array<std::string_view, 5> kKeys = {"corpus.encoding", "corpus.newlines",
                                                     "corpus.normalise", "corpus.documents",
                                                     "corpus.separator"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

}  // namespace

TextReading stored_reading(std::string_view config_ini) {
  Config config;
  for (const IniSetting& setting : scan_ini(config_ini, "config.ini").settings) {
    if (!tells_reading(setting.key)) continue;
    try {
      read_value(*find_option(setting.key), {setting.value}, config);
    } catch (const BadValue& bad) {
      throw Error(ErrorKind::kConfig, "config.ini: " + setting.key + ": " + bad.what());
    }
  }
  return text_reading(config.corpus);
}

}  // namespace charrnn
