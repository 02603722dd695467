#include "serve/engine/input_text.h"

#include <algorithm>

namespace charrnn {
namespace {

// Symbols between two marks: a text that goes on reads twice as many again at most.
constexpr std::size_t kMarkEvery = 256;

std::span<const Symbol> last(const std::vector<Symbol>& symbols, std::size_t count) {
  return std::span(symbols).last(std::min(count, symbols.size()));
}

}  // namespace

InputText::InputText(const Generation& generation)
    : snapshot_(generation.snapshot),
      documents_(snapshot_->vocabulary->reading().documents, *snapshot_->vocabulary, {}),
      keeps_marks_(generation.keep_state) {
  const auto& from = generation.from;
  state_ = from ? from->state : zero_row_state(snapshot_->network);
  if (from) {
    text_ = from->text;
    const auto unread = last(text_, from->unread);
    known_.assign(unread.begin(), unread.end());
  } else if (generation.prompt.empty()) {
    text_ = known_ = documents_.opening();
  }
  before_prompt_ = known_.size();
  const std::size_t in_state = text_.size() - known_.size();
  const std::size_t context = std::min(in_state, documents_.lookback());
  const auto& prompt = generation.prompt;
  known_.insert(known_.end(), prompt.begin(), prompt.end());
  text_.insert(text_.end(), prompt.begin(), prompt.end());
  const auto text = last(text_, context + known_.size());
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (documents_.begins_at(text, context + i)) begins_.push_back(i);
  }
  total_ = known_.size();
  arrive();
}

Symbol InputText::input() const { return read_ < known_.size() ? known_[read_] : text_.back(); }

std::span<const Symbol> InputText::ahead() const {
  if (read_ + 1 >= known_.size()) return {};
  const auto next = std::upper_bound(begins_.begin(), begins_.end(), read_);
  const std::size_t end = next == begins_.end() ? known_.size() : *next;
  return std::span(known_).subspan(read_, std::min(end, known_.size() - 1) - read_);
}

void InputText::has_read(std::size_t count) {
  read_ += count;
  if (read_ < known_.size()) arrive();
}

// At a known symbol that is to be read next.
void InputText::arrive() {
  if (std::binary_search(begins_.begin(), begins_.end(), read_)) {
    std::fill(state_.begin(), state_.end(), 0.0F);
  }
  if (read_ + 1 >= known_.size()) mark();
}

void InputText::append(Symbol symbol) {
  if (text_.size() >= 2 * kRememberedSymbols) {
    text_.erase(text_.begin(), text_.end() - static_cast<std::ptrdiff_t>(kRememberedSymbols));
  }
  text_.push_back(symbol);
  ++total_;
  if (documents_.begins_at(text_, text_.size() - 1)) {
    std::fill(state_.begin(), state_.end(), 0.0F);
  }
  if ((total_ - known_.size()) % kMarkEvery == 0) mark();
}

void InputText::mark() {
  if (keeps_marks_) marks_.push_back({read_, state_});
  // What is dropped in the end is shorter than what lies between two marks.
  if (marks_.size() > 3) marks_.pop_front();
}

std::span<const Symbol> InputText::recent(std::size_t count) const { return last(text_, count); }

TextState InputText::where(std::size_t dropped) const {
  TextState place{snapshot_, state_, text_, total_ - read_};
  if (dropped == 0) return place;
  place.text.resize(text_.size() - dropped);
  const std::size_t end = total_ - dropped;
  const auto before = [end](const Mark& mark) { return mark.read < end || mark.read == 0; };
  const auto found = std::find_if(marks_.rbegin(), marks_.rend(), before);
  place.state = found->state;
  place.unread = end - found->read;
  return place;
}

}  // namespace charrnn
