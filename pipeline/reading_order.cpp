#include "pipeline/reading_order.h"

#include <fmt/format.h>

#include <string>

#include "corpus/error.h"
#include "pipeline/ini_scanner.h"
#include "pipeline/options_table.h"

namespace charrnn {
namespace {

/// Sequential text reads the same whatever the block and the seed are.
std::string describe(const std::string& order, const std::string& block, std::uint64_t seed) {
  if (order == "sequential") return "corpus.order = sequential";
  return fmt::format("corpus.order = {}, corpus.shuffle_block = {} and train.seed = {}", order,
                     block, seed);
}

/// What a key was set to in a run; its default when the run is older than the key.
std::string saved_value(const IniFile& saved, const std::string& key) {
  Config defaults;
  std::string value = write_value(*find_option(key), defaults).front();
  for (const IniSetting& setting : saved.settings) {
    if (setting.key == key) value = setting.value;
  }
  return value;
}

}  // namespace

void check_reading_order(const Checkpoint& checkpoint, const Config& config) {
  const IniFile saved = scan_ini(checkpoint.config, "config.ini");
  const std::string then = describe(saved_value(saved, "corpus.order"),
                                    saved_value(saved, "corpus.shuffle_block"), checkpoint.seed);
  const std::string now =
      describe(config.corpus.order, fmt::to_string(config.corpus.shuffle_block), config.train.seed);
  if (then == now || config.run.accept_changed_corpus) return;
  throw Error(ExitCode::kInput,
              fmt::format("the run in {} reads its text with {}; the configuration says {}. Give "
                          "the old values, another run.directory, or "
                          "--run.accept_changed_corpus=true to go on in the new order",
                          config.run.directory.string(), then, now));
}

}  // namespace charrnn
