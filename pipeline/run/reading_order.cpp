#include "pipeline/run/reading_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "pipeline/run/saved_value.h"

namespace charrnn {
namespace {

bool is_set(const IniFile& saved, const std::string& key) {
  return std::any_of(saved.settings.begin(), saved.settings.end(), [&](const IniSetting& setting) {
    return setting.key == key && !setting.value.empty();
  });
}

std::string held_out(bool own_files, const std::string& fraction) {
  return own_files ? "validation.files" : "corpus.validation_fraction = " + fraction;
}

/// What differs, as it was and as it is now.
class Differences {
 public:
  void compare(const std::string& was, const std::string& is) {
    if (was == is) return;
    was_.push_back(was);
    is_.push_back(is);
  }
  void compare(const char* key, const std::string& was, const std::string& is) {
    compare(fmt::format("{} = {}", key, was), fmt::format("{} = {}", key, is));
  }
  bool none() const { return was_.empty(); }
  std::string was() const { return fmt::format("{}", fmt::join(was_, ", ")); }
  std::string is() const { return fmt::format("{}", fmt::join(is_, ", ")); }

 private:
  std::vector<std::string> was_;
  std::vector<std::string> is_;
};

/// All that settles which characters a batch holds, beside the files and the rows.
Differences differences(const Checkpoint& checkpoint, const Config& config) {
  const IniFile saved = scan_ini(checkpoint.config, "config.ini");
  const auto is = [&](const char* key) { return write_value(*find_option(key), config).front(); };
  const auto was = [&](const char* key) { return saved_value(saved, key); };
  Differences all;
  all.compare("corpus.order", was("corpus.order"), is("corpus.order"));
  // The fingerprints of earlier versions are of files and not of the characters in them.
  if (!checkpoint.corpus_fingerprint.starts_with(kFingerprintOfCharacters)) {
    for (const char* key : {"corpus.encoding", "corpus.newlines", "corpus.invalid"}) {
      all.compare(key, was(key), is(key));
    }
  }
  // Sequential text reads the same whatever the block and the seed are.
  if (config.corpus.order == TextOrder::kShuffled && was("corpus.order") == is("corpus.order")) {
    all.compare("corpus.shuffle_block", was("corpus.shuffle_block"), is("corpus.shuffle_block"));
    all.compare("train.seed", std::to_string(checkpoint.seed), std::to_string(config.train.seed));
  }
  all.compare(held_out(is_set(saved, "validation.files"), was("corpus.validation_fraction")),
              held_out(!config.validation.files.empty(), is("corpus.validation_fraction")));
  return all;
}

}  // namespace

void check_reading_order(const Checkpoint& checkpoint, const Config& config) {
  if (config.run.accept_changed_corpus) return;
  const Differences found = differences(checkpoint, config);
  if (found.none()) return;
  throw Error(ErrorKind::kInput,
              fmt::format("the run in {} reads its text with {}; the configuration says {}. Give "
                          "the old values, another run.directory, or "
                          "--run.accept_changed_corpus=true to go on in the new order",
                          config.run.directory.string(), found.was(), found.is()));
}

}  // namespace charrnn
