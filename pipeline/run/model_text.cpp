#include "pipeline/run/model_text.h"

#include "base/standard_error.h"
#include "corpus/text_reading.h"
#include "pipeline/run/ill_formed_text.h"

namespace charrnn {

std::shared_ptr<const Corpus> open_text(const Snapshot& model, const Config& config,
                                        const std::vector<std::string>& files, const char* key,
                                        const std::atomic<bool>& stop,
                                        const ChooseAlphabet& choose) {
  CorpusOptions text = with_reading(config.corpus, model.vocabulary->reading());
  text.files = files;
  text.key = key;
  text.min_count = 0;  // what is rare was settled by the training text
  auto corpus = Corpus::open(text, &stop, choose);
  if (const auto line = ill_formed_text(*corpus, text)) tell("warning: " + *line);
  return corpus;
}

}  // namespace charrnn
