#pragma once

#include <atomic>

#include "corpus/histogram.h"
#include "corpus/index.h"
#include "corpus/text_form.h"

namespace charrnn {

/// Makes the numbers of an index from what the pass over the bytes left: in each block the
/// characters that begin in it, in each file its blocks. Afterwards blocks and files hold the
/// number of their first character, and files that need no blocks have none. With Invalid::kSkip
/// files with ill-formed bytes are read again, and `histogram` loses the line feeds that were
/// counted twice. Throws Error(kInput) when such a file cannot be read, Stopped when `stop` (which
/// may be null) is set meanwhile.
void number_characters(CorpusIndex& index, const TextForm& form, Histogram& histogram,
                       const std::atomic<bool>* stop);

}  // namespace charrnn
