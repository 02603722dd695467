#include "pipeline/run/text_score.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/cross_entropy.h"

namespace charrnn {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // characters that are read at once
constexpr std::size_t kRows = 64;
constexpr int kProgressPause = 512;  // characters of a row

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

// One row of the network on its way through a stretch of a piece that no document begins in.
struct Reader {
  RowState state;
  std::size_t at = 0;   // what it reads next
  std::size_t end = 0;  // of its stretch
  std::size_t stretch = 0;
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
    cut_stretches(last);
    nats_.assign(stretches_.size() - 1, 0.0);
    next_ = 0;
    read_stretches();
    for (const double nats : nats_) total_.nats += nats;
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

  // Where stretches begin, and their end.
  void cut_stretches(std::size_t last) {
    stretches_ = {0};
    for (const std::size_t start : starts_) {
      if (start > 0 && start < last) stretches_.push_back(start);
    }
    stretches_.push_back(last);
  }

  void read_stretches() {
    fill();
    for (int step = 1; !readers_.empty(); ++step) {
      check_stop(options_.stop, "scoring the text");
      advance();
      if (options_.progress && step % kProgressPause == 0) {
        options_.progress(read_);
      }
      std::erase_if(readers_, [this](Reader& reader) { return ended(reader); });
      fill();
    }
  }

  void fill() {
    while (readers_.size() < kRows && next_ + 1 < stretches_.size()) {
      const bool goes_on = next_ == 0 && (starts_.empty() || starts_.front() != 0);
      readers_.push_back({.state = goes_on ? carried_ : zero_row_state(network_.shape()),
                          .at = stretches_[next_],
                          .end = stretches_[next_ + 1],
                          .stretch = next_});
      ++next_;
    }
  }

  bool ended(Reader& reader) {
    if (reader.at < reader.end) return false;
    if (reader.stretch + 2 == stretches_.size()) carried_ = std::move(reader.state);
    return true;
  }

  void advance() {
    const std::size_t v = static_cast<std::size_t>(network_.shape().vocabulary);
    states_.clear();
    inputs_.clear();
    for (Reader& reader : readers_) {
      states_.push_back(&reader.state);
      inputs_.push_back(held_[reader.at]);
    }
    scores_.resize(readers_.size() * v);
    read_ += readers_.size();
    network_.advance(states_, inputs_, scores_, 0, [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        Reader& reader = readers_[i];
        nats_[reader.stretch] +=
            cross_entropy(std::span(scores_).subspan(i * v, v), held_[++reader.at]);
      }
    });
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
  std::vector<std::size_t> stretches_;
  std::vector<double> nats_;  // of each stretch
  std::size_t next_ = 0;      // stretch that nobody reads yet
  std::vector<Reader> readers_;
  std::vector<RowState*> states_;
  std::vector<Symbol> inputs_;
  std::vector<float> scores_;
};

}  // namespace

TextScore score_text(const Corpus& corpus, const PackedNetwork& network,
                     const TextScoreOptions& options) {
  return TextScorer(corpus, network, options).run();
}

}  // namespace charrnn
