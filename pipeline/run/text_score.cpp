#include "pipeline/run/text_score.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pipeline/run/side_by_side.h"

namespace charrnn {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // characters that are read at once
constexpr int kProgressPause = 512;      // characters of a row

// Symbols of the text in order, and which of them begin a document.
struct Piece {
  std::vector<Symbol> symbols;
  std::vector<std::size_t> begins;
};

// Reads a corpus piece by piece, with the characters in front of it that tell where documents
// begin.
class PieceReader {
 public:
  explicit PieceReader(const Corpus& corpus) : corpus_(corpus), at_(corpus.locate(0)) {}

  bool ended() const { return at_.character == corpus_.characters(); }

  Piece next() {
    const std::uint64_t first = at_.character;
    const std::size_t before = last_.size();
    const std::size_t count = std::min<std::uint64_t>(kPiece, corpus_.characters() - first);
    bytes_.clear();
    corpus_.read(at_, count, bytes_);
    std::vector<Symbol> seen = std::move(last_);
    seen.resize(before + count);
    corpus_.decode(bytes_, seen.data() + before, count);
    Piece piece;
    corpus_.documents().find(first, seen, piece.begins);
    piece.symbols.assign(seen.begin() + static_cast<std::ptrdiff_t>(before), seen.end());
    const std::size_t kept = std::min(corpus_.documents().lookback(), seen.size());
    last_.assign(seen.end() - static_cast<std::ptrdiff_t>(kept), seen.end());
    return piece;
  }

 private:
  const Corpus& corpus_;
  Position at_;
  std::string bytes_;
  std::vector<Symbol> last_;
};

class TextScorer {
 public:
  TextScorer(const Corpus& corpus, const PackedNetwork& network, const TextScoreOptions& options)
      : reader_(corpus),
        network_(network),
        options_(options),
        carried_(zero_row_state(network.shape())) {}

  TextScore run() {
    while (!reader_.ended()) {
      take(reader_.next());
      score_held();
    }
    return total_;
  }

 private:
  // Adds a piece to the last character of the one before, whose successor stands in it.
  void take(const Piece& piece) {
    auto begin = piece.begins.begin();
    bool begins = begins_next_;  // a document, here or at a character that is left out
    for (std::size_t i = 0; i < piece.symbols.size(); ++i) {
      const bool here = begin != piece.begins.end() && *begin == i;
      if (here) ++begin;
      begins = begins || here;
      Symbol symbol = piece.symbols[i];
      if (symbol == options_.skipped) continue;
      if (symbol == options_.replaced) symbol = options_.replacement;
      if (std::exchange(begins, false)) starts_.push_back(held_.size());
      held_.push_back(symbol);
    }
    begins_next_ = begins;
  }

  // Scores all transitions that are there; the last character stays.
  void score_held() {
    if (held_.size() < 2) return;
    const std::size_t last = held_.size() - 1;
    for (const double nats : read_stretches(stretches(last))) total_.nats += nats;
    total_.transitions += last;
    if (!std::isfinite(total_.nats)) {
      throw Error(ErrorKind::kDiverged,
                  "the model's scores of the text are not numbers; use an older checkpoint");
    }
    const bool last_starts = !starts_.empty() && starts_.back() == last;
    starts_.clear();
    if (last_starts) starts_.push_back(0);
    held_ = {held_[last]};
  }

  // Stretches that no document begins in, up to the character at `last`, each with the first
  // character of the next one. The first goes on where the text before it ended, unless a document
  // begins there.
  std::vector<Passage> stretches(std::size_t last) {
    std::vector<std::size_t> begins{0};
    for (const std::size_t start : starts_) {
      if (start > 0 && start < last) begins.push_back(start);
    }
    std::vector<Passage> stretches;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : last;
      stretches.push_back({std::span(held_).subspan(begins[i], end + 1 - begins[i])});
    }
    if (starts_.empty() || starts_.front() != 0) stretches.front().before = &carried_;
    stretches.back().after = &carried_;
    return stretches;
  }

  // What each stretch costs.
  std::vector<double> read_stretches(const std::vector<Passage>& stretches) {
    std::vector<double> nats(stretches.size(), 0.0);
    int step = 0;
    read_side_by_side(
        network_, stretches, [&nats](std::size_t stretch, double cost) { nats[stretch] += cost; },
        options_.stop, "scoring the text",
        [&](std::size_t rows) {
          read_ += rows;
          if (options_.progress && ++step % kProgressPause == 0) options_.progress(read_);
        });
    return nats;
  }

  PieceReader reader_;
  const PackedNetwork& network_;
  const TextScoreOptions& options_;
  TextScore total_;
  std::uint64_t read_ = 0;
  RowState carried_;                 // after the last stretch
  std::vector<Symbol> held_;         // the text that is not scored yet
  std::vector<std::size_t> starts_;  // of documents in it
  bool begins_next_ = false;         // the next character begins one
};

}  // namespace

TextScore score_text(const Corpus& corpus, const PackedNetwork& network,
                     const TextScoreOptions& options) {
  return TextScorer(corpus, network, options).run();
}

}  // namespace charrnn
