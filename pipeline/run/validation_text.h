#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The share of corpus.files, from the end, that training does not see: none when validation has
/// files of its own.
double held_out_fraction(const Config& config);

/// Text that is scored and not learned from.
struct ValidationText {
  std::shared_ptr<const Corpus> corpus;
  CharacterRange range;
};

/// The whole of `validation.files`, read in the training text's alphabet, or the end of that text
/// (then it is `training` itself). What the alphabet lacks is read as its `<unk>` and told in
/// `notes`. Throws Error(kInput): as Corpus::open, or there is no `<unk>`.
ValidationText open_validation_text(const Config& config,
                                    const std::shared_ptr<const Corpus>& training,
                                    const std::atomic<bool>* stop, std::vector<std::string>& notes);

/// What a checkpoint keeps to know its text again: the fingerprint of the corpus, and behind a `+`
/// that of validation.files when there are any.
std::string text_fingerprint(const Corpus& training, const Corpus& validation);

/// The part of it that stands for the corpus.
std::string training_part(const std::string& fingerprint);

/// Whether a text_fingerprint(), of this or an earlier version of the program, has this validation
/// text.
bool is_validation_text(const std::string& fingerprint, const Corpus& training,
                        const Corpus& validation);

}  // namespace charrnn
