#include "pipeline/commands/written_records.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/readable_number.h"
#include "base/standard_error.h"
#include "corpus/read_text.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/commands/written_text.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/known_records.h"
#include "pipeline/run/model_text.h"
#include "pipeline/run/run_alphabet.h"
#include "serve/records.h"

namespace charrnn {
namespace {

// Records that were left out, by the reason.
struct LeftOut {
  std::uint64_t empty = 0;
  std::uint64_t unended = 0;
  std::uint64_t repeated = 0;
  std::uint64_t known = 0;

  std::string text() const {
    std::string all;
    const auto add = [&all](std::uint64_t count, const char* what) {
      if (count == 0) return;
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", grouped(count), what);
    };
    add(known, "stand in the training text");
    add(repeated, "were written before");
    add(unended, "did not end within generate.length");
    add(empty, "were empty");
    return all.empty() ? "none was left out" : "left out: " + all;
  }
};

class WrittenRecords {
 public:
  WrittenRecords(const GenerateOptions& options, std::vector<Symbol> prompt,
                 std::optional<KnownRecords> known)
      : options_(options), prompt_(std::move(prompt)), known_(std::move(known)) {}

  // False when there are enough, or it is in vain.
  bool take(const Record& record) {
    if (leaves_out(record)) return ++in_vain_ < kMostInVain;
    in_vain_ = 0;
    write(record);
    return ++written_ < options_.count;
  }

  void finish() {
    out_.flush();
    const std::string summary = fmt::format("{} records; {}", grouped(written_), left_out_.text());
    if (in_vain_ < kMostInVain) return tell(summary);
    throw Error(ErrorKind::kInput,
                fmt::format("generate.count = {}: the model finds no further record: the last {} "
                            "in a row could not be used ({}). Ask for fewer, raise "
                            "generate.temperature, or allow more in generate.regex",
                            grouped(options_.count), grouped(kMostInVain), summary));
  }

 private:
  bool leaves_out(const Record& record) {
    std::vector<Symbol> symbols = prompt_;
    symbols.insert(symbols.end(), record.symbols.begin(), record.symbols.end());
    if (!record.whole) return ++left_out_.unended != 0;
    if (symbols.empty()) return ++left_out_.empty != 0;
    if (known_ && known_->has(symbols)) return ++left_out_.known != 0;
    const std::uint64_t hash = XXH3_64bits(symbols.data(), symbols.size() * sizeof(Symbol));
    if (options_.unique && !written_before_.insert(hash).second) return ++left_out_.repeated != 0;
    return false;
  }

  void write(const Record& record) {
    if (options_.format == SampleFormat::kText) {
      out_.add(options_.prompt + record.text + "\n");
      return;
    }
    out_.add(boost::json::serialize(boost::json::object{{"sample", record.choice},
                                                        {"prompt", options_.prompt},
                                                        {"text", record.text},
                                                        {"finish_reason", "stop"},
                                                        {"seed", *options_.seed}}) +
             "\n");
  }

  const GenerateOptions& options_;
  const std::vector<Symbol> prompt_;
  const std::optional<KnownRecords> known_;
  std::unordered_set<std::uint64_t> written_before_;  // hashes
  PacedOutput out_;
  LeftOut left_out_;
  std::uint64_t written_ = 0;
  int in_vain_ = 0;  // records in a row that were left out
};

std::optional<KnownRecords> training_records(const Snapshot& snapshot, const Config& config,
                                             const std::atomic<bool>& stop) {
  if (!config.generate.novel) return std::nullopt;
  std::vector<std::string> notes;
  const auto corpus = open_text(snapshot, config, config.corpus.files, "corpus.files", stop,
                                read_in(*snapshot.vocabulary, "corpus.files", "", notes));
  for (const auto& note : notes) tell(note);
  return known_records(*corpus, record_end(*snapshot.vocabulary), stop);
}

}  // namespace

void write_records(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop) {
  const GenerateOptions options = settled(config.generate);
  WrittenRecords records(options, read_symbols(options.prompt, *snapshot.vocabulary),
                         training_records(snapshot, config, stop));
  const auto take = [&records](const Record& record) { return records.take(record); };
  try {
    generate_records(snapshot, options, take, stop,
                     {.threads = serving_threads(config), .weights = config.serve.weights});
  } catch (const Error&) {
    records.finish();  // what was made before is not lost
    throw;
  }
  records.finish();
}

}  // namespace charrnn
