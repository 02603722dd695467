#include "pipeline/run/saved_value.h"

#include "pipeline/config/options_table.h"

namespace charrnn {

std::string saved_value(const IniFile& saved, const std::string& key) {
  Config defaults;
  std::string value = write_value(*find_option(key), defaults).front();
  for (const IniSetting& setting : saved.settings) {
    if (setting.key == key) value = setting.value;
  }
  return value;
}

}  // namespace charrnn
