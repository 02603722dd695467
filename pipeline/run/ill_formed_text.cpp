#include "pipeline/run/ill_formed_text.h"

#include <fmt/format.h>

#include "base/readable_number.h"

namespace charrnn {

std::optional<std::string> ill_formed_text(const Corpus& corpus, const CorpusOptions& options) {
  const CorpusReport report = corpus.report();
  if (report.invalid == 0) return std::nullopt;
  return fmt::format(
      "{} ill-formed byte sequences{} were dealt with as corpus.invalid = {} says; the first is in "
      "{} at byte {}",
      grouped(report.invalid), options.format == TextFormat::kText ? "" : " or bad records",
      word_of(options.invalid), report.first_invalid_file, report.first_invalid_byte);
}

}  // namespace charrnn
