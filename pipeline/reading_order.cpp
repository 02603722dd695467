#include "pipeline/reading_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "corpus/error.h"
#include "pipeline/ini_scanner.h"
#include "pipeline/options_table.h"

namespace charrnn {
namespace {

/// Sequential text reads the same whatever the block and the seed are.
std::string describe(const std::string& order, const std::string& block, std::uint64_t seed,
                     const std::string& held_out) {
  if (order == "sequential") return "corpus.order = sequential and " + held_out;
  return fmt::format("corpus.order = {}, corpus.shuffle_block = {}, train.seed = {} and {}", order,
                     block, seed, held_out);
}

/// How much of the text is not read.
std::string describe_held_out(bool own_files, const std::string& fraction) {
  return own_files ? "validation.files" : "corpus.validation_fraction = " + fraction;
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

bool is_set(const IniFile& saved, const std::string& key) {
  return std::any_of(saved.settings.begin(), saved.settings.end(), [&](const IniSetting& setting) {
    return setting.key == key && !setting.value.empty();
  });
}

}  // namespace

void check_reading_order(const Checkpoint& checkpoint, const Config& config) {
  const IniFile saved = scan_ini(checkpoint.config, "config.ini");
  const std::string then =
      describe(saved_value(saved, "corpus.order"), saved_value(saved, "corpus.shuffle_block"),
               checkpoint.seed,
               describe_held_out(is_set(saved, "validation.files"),
                                 saved_value(saved, "corpus.validation_fraction")));
  Config copy = config;
  const auto value = [&](const char* key) { return write_value(*find_option(key), copy).front(); };
  const std::string now = describe(
      config.corpus.order, value("corpus.shuffle_block"), config.train.seed,
      describe_held_out(!config.validation.files.empty(), value("corpus.validation_fraction")));
  if (then == now || config.run.accept_changed_corpus) return;
  throw Error(ExitCode::kInput,
              fmt::format("the run in {} reads its text with {}; the configuration says {}. Give "
                          "the old values, another run.directory, or "
                          "--run.accept_changed_corpus=true to go on in the new order",
                          config.run.directory.string(), then, now));
}

}  // namespace charrnn
