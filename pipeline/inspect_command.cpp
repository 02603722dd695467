#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "nodes/batch_source.h"
#include "pipeline/batch_text.h"
#include "pipeline/commands.h"
#include "pipeline/starting_point.h"

namespace charrnn {

ExitCode inspect_command(const Config& config, StopSignal& stop) {
  const InspectOptions& options = config.inspect;
  const auto corpus = Corpus::open(config.corpus, &stop.requested());
  const Lanes lanes = training_lanes(*corpus, config);
  const BatchText text(*corpus, lanes);
  const std::uint64_t stripe = std::min<std::uint64_t>(
      options.batches, static_cast<std::uint64_t>(config.runtime.stripe_windows));
  BatchSource source(*corpus, lanes,
                     {.stripe_windows = static_cast<int>(stripe),
                      .first_batch = options.first_batch,
                      .end_batch = options.first_batch + options.batches});
  for (auto batch = source.next(); batch && !stop.requested(); batch = source.next()) {
    fmt::print("{}", text(*batch, options.rows));
  }
  return stop.requested() ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace charrnn
