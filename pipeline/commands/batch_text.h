#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "model/batch.h"
#include "nodes/lanes.h"

namespace charrnn {

/// Shows batches as text, with the place of every piece of it. For one thread.
class BatchText {
 public:
  /// `corpus` is borrowed; the batches are those that a BatchSource of `lanes` makes.
  BatchText(const Corpus& corpus, const Lanes& lanes);

  /// The first `rows` rows of a batch (0: all). A row is parted where its text jumps (another
  /// block), where another file begins and where its state is zeroed; each part has its file, the
  /// character and byte there, and its characters as the model sees them. Targets are told where
  /// they are not the next character of the same row: at the end, and where the text jumps.
  /// Throws Error(kInput) when a file changed.
  std::string operator()(const Batch& batch, int rows) const;

 private:
  struct Part;
  std::vector<Part> parts_of(const Batch& batch, int row) const;
  void cut_at_files_and_resets(Part part, const Batch& batch, int row,
                               std::vector<Part>& parts) const;
  std::string part_text(const Part& part, const Batch& batch, int row) const;
  std::string place_text(std::uint64_t character) const;
  std::string quoted(Symbol symbol) const;

  const Corpus& corpus_;
  Lanes lanes_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::uint64_t> file_starts_;
};

}  // namespace charrnn
