#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/standard_error.h"
#include "model/checkpoint/checkpoint.h"
#include "nodes/batch_source.h"
#include "pipeline/commands/batch_text.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/run/run_alphabet.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {
namespace {

constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

// The text in the alphabet that a new run would have.
std::shared_ptr<const Corpus> open_as_seen(const Config& config, const std::atomic<bool>& stop) {
  std::optional<Snapshot> initial;
  const auto& from = config.train.initial_weights;
  std::error_code ignored;
  if (std::filesystem::is_directory(from, ignored)) initial = read_model(from);
  std::vector<std::string> notes;
  auto corpus = Corpus::open(
      config.corpus, &stop,
      run_alphabet(config.train, nullptr, initial ? initial->vocabulary.get() : nullptr, notes));
  for (const auto& note : notes) tell(note);
  return corpus;
}

}  // namespace

void inspect_command(const Config& config, StopSignal& stop) {
  const InspectOptions& options = config.inspect;
  const auto corpus = open_as_seen(config, stop.requested());
  const Lanes lanes = training_lanes(*corpus, config);
  const BatchText text(*corpus, lanes);
  const std::uint64_t stripe = std::min<std::uint64_t>(
      options.batches, static_cast<std::uint64_t>(config.runtime.stripe_windows));
  const std::uint64_t end =
      options.first_batch + std::min(options.batches, kNever - options.first_batch);
  BatchSource source(*corpus, lanes,
                     {.stripe_windows = static_cast<int>(stripe),
                      .first_batch = options.first_batch,
                      .end_batch = end});
  for (auto batch = source.next(); batch && !stop.requested(); batch = source.next()) {
    write_out(text(*batch, options.rows));
  }
  check_stop(&stop.requested(), "showing batches");
}

}  // namespace charrnn
