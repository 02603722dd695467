#include "pipeline/run/stored_reading.h"

#include "corpus/corpus.h"
#include "pipeline/config/ini_scanner.h"

namespace charrnn {

TextReading stored_reading(std::string_view config_ini) {
  CorpusOptions options;
  for (const IniSetting& setting : scan_ini(config_ini, "config.ini").settings) {
    if (setting.key == "corpus.encoding") options.encoding = setting.value;
    if (setting.key == "corpus.newlines") options.newlines = setting.value;
    if (setting.key == "corpus.normalise") options.normalise = setting.value;
    if (setting.key == "corpus.documents") options.documents = setting.value;
    if (setting.key == "corpus.separator") options.separator = setting.value;
  }
  return text_reading(options);
}

}  // namespace charrnn
