#include "serve/records.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "corpus/documents.h"
#include "corpus/read_text.h"
#include "serve/asked_text.h"
#include "serve/engine/row.h"
#include "serve/service.h"

namespace charrnn {
namespace {

constexpr std::size_t kRows = 64;
// Records that may have been begun behind the oldest one that goes on.
constexpr std::uint64_t kMostAhead = 16 * kRows;

// Where all records begin: behind the end of another one and the prompt.
struct Opening {
  Generation generation;      // of each record, but for its choice
  RowState state;             // with all of it read
  std::vector<float> scores;  // of the first character; empty when nothing stands in front of it
};

Generation generation_of(const std::shared_ptr<const Snapshot>& snapshot,
                         const GenerateOptions& options) {
  const Vocabulary& vocabulary = *snapshot->vocabulary;
  const std::vector<Symbol> end = record_end(vocabulary);
  std::vector<Symbol> prompt = end;
  const auto asked = read_symbols(options.prompt, vocabulary);
  prompt.insert(prompt.end(), asked.begin(), asked.end());
  Generation generation =
      asked_text(snapshot, options, std::move(prompt), options.seed ? *options.seed : drawn_seed());
  generation.give_symbols = true;
  if (!generation.pattern && !end.empty()) generation.stop.push_back(vocabulary.decode(end));
  return generation;
}

// Reads what is the same for all records once.
Opening opening_of(Generation generation, const PackedNetwork& network) {
  Opening opening{.generation = std::move(generation), .state = {}, .scores = {}};
  if (opening.generation.prompt.empty()) return opening;
  Row row(opening.generation);
  Piece none;
  while (!row.ahead().empty()) {
    const auto ahead = row.ahead();
    network.read(row.state(), ahead);
    row.skip(ahead.size(), none);
  }
  opening.generation.from = std::make_shared<const TextState>(row.where());
  opening.generation.prompt.clear();
  RowState* const state = &row.state();
  const Symbol last = row.input();
  opening.scores.resize(static_cast<std::size_t>(network.shape().vocabulary));
  network.advance({&state, 1}, {&last, 1}, opening.scores);
  opening.state = std::move(row.state());
  return opening;
}

class RecordRows {
 public:
  RecordRows(const Opening& opening, const PackedNetwork& network)
      : opening_(opening), network_(network) {}

  // Begins records on the rows that are free.
  void fill() {
    while (rows_.size() < kRows && begun_ < given_ + kMostAhead) begin();
  }

  // Advances all records by one character.
  void advance() {
    if (rows_.empty()) return;
    const auto v = static_cast<std::size_t>(network_.shape().vocabulary);
    states_.clear();
    inputs_.clear();
    for (One& one : rows_) {
      states_.push_back(&one.row.state());
      inputs_.push_back(one.row.input());
    }
    scores_.resize(rows_.size() * v);
    network_.advance(states_, inputs_, scores_, 0, [&](std::size_t first, std::size_t count) {
      Sampler sampler;
      for (std::size_t i = first; i < first + count; ++i) {
        rows_[i].row.read(std::span<const float>(scores_).subspan(i * v, v), sampler,
                          rows_[i].piece);
      }
    });
    std::erase_if(rows_, [this](One& one) { return ended(one); });
  }

  // The next record, once it has ended.
  bool next(Record& record) {
    const auto found = ended_.find(given_);
    if (found == ended_.end()) return false;
    record = std::move(found->second);
    ended_.erase(found);
    ++given_;
    return true;
  }

 private:
  struct One {
    std::uint64_t choice;
    Row row;
    Piece piece;
  };

  void begin() {
    Generation generation = opening_.generation;
    generation.choice = static_cast<std::uint32_t>(begun_);
    One& one = rows_.emplace_back(One{begun_++, Row(std::move(generation)), {}});
    one.row.begin(sampler_, one.piece);
    if (!one.row.done() && !opening_.scores.empty()) {
      one.row.state() = opening_.state;
      one.row.read(opening_.scores, sampler_, one.piece);
    }
    if (ended(one)) rows_.pop_back();
  }

  bool ended(One& one) {
    if (!one.row.done()) return false;
    ended_.emplace(one.choice, Record{.choice = one.choice,
                                      .text = std::move(one.piece.text),
                                      .symbols = std::move(one.piece.symbols),
                                      .whole = one.piece.finish == Finish::kStop});
    return true;
  }

  const Opening& opening_;
  const PackedNetwork& network_;
  Sampler sampler_;
  std::uint64_t begun_ = 0;
  std::uint64_t given_ = 0;
  std::deque<One> rows_;
  std::map<std::uint64_t, Record> ended_;  // those that wait for an earlier one
  std::vector<RowState*> states_;
  std::vector<Symbol> inputs_;
  std::vector<float> scores_;
};

}  // namespace

std::vector<Symbol> record_end(const Vocabulary& vocabulary) {
  const Documents documents(vocabulary.reading().documents, vocabulary, {});
  std::vector<Symbol> end = documents.opening();
  const auto line_feed = vocabulary.find(U'\n');
  if (end.empty() && line_feed) end.push_back(*line_feed);
  return end;
}

void generate_records(const Snapshot& snapshot, const GenerateOptions& options,
                      const std::function<bool(const Record&)>& take, const std::atomic<bool>& stop,
                      const PackedNetworkOptions& network_options) {
  const auto shared = std::make_shared<const Snapshot>(snapshot);
  Generation generation = generation_of(shared, options);
  const PackedNetwork network(snapshot.network, *snapshot.weights, network_options);
  const Opening opening = opening_of(std::move(generation), network);
  RecordRows rows(opening, network);
  for (Record record; !stop; rows.advance()) {
    rows.fill();
    while (rows.next(record)) {
      if (stop || !take(record)) return;
      rows.fill();
    }
  }
}

}  // namespace charrnn
