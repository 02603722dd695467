#include "corpus/corpus.h"

#include "corpus/error.h"
#include "corpus/file_corpus.h"
#include "corpus/sources.h"
#include "corpus/text_form.h"

namespace charrnn {

std::shared_ptr<const Corpus> Corpus::open(const CorpusOptions& options,
                                           const std::atomic<bool>* stop) {
  const TextForm form = text_form(options);
  const std::vector<std::string> paths = find_files(options.files);
  CorpusIndex index = build_index(paths, form, {}, stop);
  if (index.total_characters() == 0) {
    throw Error(ExitCode::kInput, (paths.size() == 1 ? paths[0] : paths[0] + " and the others") +
                                      ": empty; there is no text to learn from");
  }
  return std::make_shared<FileCorpus>(std::move(index), form, options.min_count);
}

}  // namespace charrnn
