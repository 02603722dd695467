#include "pipeline/run/validation_text.h"

#include "pipeline/run/run_alphabet.h"

namespace charrnn {

double held_out_fraction(const Config& config) {
  return config.validation.files.empty() ? config.corpus.validation_fraction : 0.0;
}

ValidationText open_validation_text(const Config& config,
                                    const std::shared_ptr<const Corpus>& training,
                                    const std::atomic<bool>* stop,
                                    std::vector<std::string>& notes) {
  if (config.validation.files.empty()) {
    return {training, validation_range(training->characters(), held_out_fraction(config))};
  }
  CorpusOptions text = config.corpus;
  text.files = config.validation.files;
  text.key = "validation.files";
  text.min_count = 0;  // what is rare is settled by the training text
  auto corpus =
      Corpus::open(text, stop, read_in(training->vocabulary(), "validation.files", "", notes));
  const CharacterRange all{.first = 0, .count = corpus->characters()};
  return {std::move(corpus), all};
}

std::string text_fingerprint(const Corpus& training, const Corpus& validation) {
  const std::string own = training.fingerprint();
  return &training == &validation ? own : own + '+' + validation.fingerprint();
}

std::string training_part(const std::string& fingerprint) {
  return fingerprint.substr(0, fingerprint.find('+'));
}

bool is_validation_text(const std::string& fingerprint, const Corpus& training,
                        const Corpus& validation) {
  const std::size_t plus = fingerprint.find('+');
  const bool own_files = plus != fingerprint.npos;
  if (&training == &validation) return !own_files && training.has_fingerprint(fingerprint);
  return own_files && validation.has_fingerprint(fingerprint.substr(plus + 1));
}

}  // namespace charrnn
