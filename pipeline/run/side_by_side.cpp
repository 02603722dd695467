#include "pipeline/run/side_by_side.h"

#include <utility>

#include "base/error.h"
#include "model/cross_entropy.h"

namespace charrnn {
namespace {

constexpr std::size_t kRows = 64;

// One row of the network on its way through a passage.
struct Row {
  RowState state;
  std::size_t passage;
  std::size_t at = 0;  // the symbol that it reads next
};

class Rows {
 public:
  Rows(const PackedNetwork& network, std::span<const Passage> passages, const TakeCost& take_cost)
      : network_(network), passages_(passages), take_cost_(take_cost) {}

  // Gives passages to free rows. Returns how many rows have something to read.
  std::size_t fill() {
    for (; rows_.size() < kRows && next_ < passages_.size(); ++next_) {
      const Passage& passage = passages_[next_];
      if (passage.symbols.size() < 2) continue;
      rows_.push_back(
          {passage.before != nullptr ? *passage.before : zero_row_state(network_.shape()), next_});
    }
    return rows_.size();
  }

  void advance() {
    const auto v = static_cast<std::size_t>(network_.shape().vocabulary);
    states_.clear();
    inputs_.clear();
    for (Row& row : rows_) {
      states_.push_back(&row.state);
      inputs_.push_back(symbols_of(row)[row.at]);
    }
    scores_.resize(rows_.size() * v);
    network_.advance(states_, inputs_, scores_, 0, [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        Row& row = rows_[i];
        const std::span scores = std::span<const float>(scores_).subspan(i * v, v);
        take_cost_(row.passage, cross_entropy(scores, symbols_of(row)[++row.at]));
      }
    });
    std::erase_if(rows_, [this](Row& row) { return ended(row); });
  }

 private:
  std::span<const Symbol> symbols_of(const Row& row) const {
    return passages_[row.passage].symbols;
  }

  bool ended(Row& row) const {
    if (row.at + 1 < symbols_of(row).size()) return false;
    if (RowState* after = passages_[row.passage].after) *after = std::move(row.state);
    return true;
  }

  const PackedNetwork& network_;
  std::span<const Passage> passages_;
  const TakeCost& take_cost_;
  std::size_t next_ = 0;  // passage that nobody reads yet
  std::vector<Row> rows_;
  std::vector<RowState*> states_;
  std::vector<Symbol> inputs_;
  std::vector<float> scores_;
};

}  // namespace

void read_side_by_side(const PackedNetwork& network, std::span<const Passage> passages,
                       const TakeCost& take_cost, const std::atomic<bool>* stop, const char* doing,
                       const AfterStep& after_step) {
  Rows rows(network, passages, take_cost);
  while (const std::size_t count = rows.fill()) {
    check_stop(stop, doing);
    rows.advance();
    if (after_step) after_step(count);
  }
}

}  // namespace charrnn
