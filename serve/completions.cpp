#include "serve/completions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <ctime>
#include <functional>
#include <numeric>

#include "corpus/read_text.h"
#include "serve/completion_response.h"
#include "serve/held_answer.h"
#include "serve/off_thread.h"
#include "serve/plain_protocol.h"
#include "serve/send_streams.h"
#include "serve/whole_answer.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

// What is read in less than a millisecond.
constexpr std::size_t kSmallBody = 16 * 1024;

// One request while it is answered.
struct Completion {
  CompletionRequest request;
  std::shared_ptr<const Snapshot> snapshot;
  CompletionHead head;
  std::vector<Choice> choices;  // one for each stream
  Usage usage;

  int choice_index(std::size_t stream) const {
    const auto of_one = static_cast<std::size_t>(request.best_of);
    return static_cast<int>(stream / of_one * static_cast<std::size_t>(request.n) +
                            stream % of_one);
  }
};

Completion begin(CompletionRequest request, std::shared_ptr<const Snapshot> snapshot) {
  Completion completion;
  completion.request = std::move(request);
  completion.snapshot = std::move(snapshot);
  completion.head = {"cmpl-" + std::to_string(drawn_seed()), std::time(nullptr),
                     completion.snapshot->step};
  return completion;
}

// Does work on what a client has sent where that holds nobody up.
template <typename Work>
asio::awaitable<void> work_on(Service& service, std::size_t bytes, Work work) {
  if (bytes > kSmallBody) {
    co_await off_thread(service.workers(), work);
  } else {
    work();
  }
}

// Reads a body, and forgets it.
template <typename Read>
asio::awaitable<void> read_body(Service& service, HttpRequest& request, Read read) {
  const std::string body = std::exchange(request.body, {});
  co_await work_on(service, body.size(), [&] { read(body); });
  request.share = {};
}

std::vector<Generation> generations(Service& service, Completion& completion) {
  const CompletionRequest& request = completion.request;
  std::vector<Generation> result;
  for (std::size_t prompt = 0; prompt < request.prompts.size(); ++prompt) {
    for (int choice = 0; choice < request.best_of; ++choice) {
      result.push_back(service.generation(request, completion.snapshot, prompt, choice));
      // The best is told by its characters' probabilities.
      if (request.best_of > request.n && !result.back().logprobs) result.back().logprobs = 0;
      Choice& made = completion.choices.emplace_back();
      made.index = completion.choice_index(completion.choices.size() - 1);
      made.scored = request.logprobs.has_value();
      made.tokens = request.return_token_ids;
      if (made.tokens) made.prompt_symbols = result.back().prompt;
    }
    completion.usage.prompt_tokens += result.back().prompt.size();
  }
  completion.snapshot = result.front().snapshot;
  // Texts of clients are long, and the generations have them as symbols.
  completion.request.prompts.clear();
  return result;
}

// The same, where it holds nobody up. States belong to the I/O thread.
asio::awaitable<std::vector<Generation>> prepared(Service& service, Completion& completion) {
  std::size_t size = 0;
  for (const Prompt& prompt : completion.request.prompts) {
    size += std::visit([](const auto& one) { return one.size(); }, prompt);
  }
  std::vector<Generation> texts;
  // So do patterns.
  const bool here = completion.request.state_id || completion.request.regex;
  co_await work_on(service, here ? 0 : size, [&] { texts = generations(service, completion); });
  co_return texts;
}

// The most characters that one choice has, its prompt among them.
std::size_t longest_of(const std::vector<Generation>& generations) {
  std::size_t longest = 0;
  for (const Generation& one : generations) {
    longest = std::max<std::size_t>(longest, one.prompt.size() + one.max_tokens);
  }
  return longest;
}

// Of each prompt's candidates, the `n` best in the order of their probability.
std::vector<std::size_t> chosen(const Completion& completion, const HeldAnswer& held) {
  const auto n = static_cast<std::size_t>(completion.request.n);
  const auto of = static_cast<std::size_t>(completion.request.best_of);
  std::vector<std::size_t> all(held.choices().size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (n == of) return all;
  std::vector<std::size_t> best;
  for (auto first = all.begin(); first != all.end(); first += static_cast<std::ptrdiff_t>(of)) {
    std::stable_sort(first, first + static_cast<std::ptrdiff_t>(of), [&](auto a, auto b) {
      return held.choices()[a].mean_logprob() > held.choices()[b].mean_logprob();
    });
    best.insert(best.end(), first, first + static_cast<std::ptrdiff_t>(n));
  }
  return best;
}

// Everything about the chosen texts but what is held.
json::object whole_object(const Completion& completion, const HeldAnswer& held,
                          const std::vector<std::size_t>& from) {
  json::array choices;
  for (std::size_t i = 0; i < from.size(); ++i) {
    Choice choice;
    choice.index = static_cast<int>(i);
    choice.scored = completion.request.logprobs.has_value();
    const Piece& last = held.choices()[from[i]].last;
    choice.finish = last.finish;
    choice.stop_text = last.stop_text;
    choice.tokens = completion.request.return_token_ids;
    if (choice.tokens) {
      choice.prompt_symbols = completion.choices[from[i]].prompt_symbols;
      choice.symbols = completion.choices[from[i]].symbols;
    }
    choices.push_back(choice_object(choice, *completion.snapshot->vocabulary));
  }
  json::object object = completion_object(completion.head, std::move(choices));
  object["usage"] = usage_object(completion.usage);
  return object;
}

// How the texts of a whole answer are gathered: nothing is sent before all have ended, so that the
// status tells whether they did.
StreamFormat gathering(std::function<void(std::size_t, const Piece&)> take, bool old_version) {
  StreamFormat format;
  format.piece = [take = std::move(take)](std::size_t stream, const Piece& piece, std::string&) {
    take(stream, piece);
  };
  if (!old_version) format.probe = "HTTP/1.1 100 Continue\r\n\r\n";
  return format;
}

// The answer whose body `write` makes; long ones are written where they hold nobody up.
template <typename Write>
asio::awaitable<HttpResponse> held_response(Service& service, const HeldAnswer& held, Write write) {
  HttpResponse response;
  const auto work = [&] { response.held = write(); };
  if (held.large()) {
    co_await off_thread(service.workers(), work);
  } else {
    work();
  }
  co_return response;
}

std::string completion_event(const Completion& completion, const Choice& choice,
                             const std::string& state_id = "") {
  json::object object =
      completion_object(completion.head, {choice_object(choice, *completion.snapshot->vocabulary)});
  if (completion.request.include_usage) object["usage"] = nullptr;
  if (!state_id.empty()) object["state_id"] = state_id;
  return event(json::serialize(object));
}

std::string finish_event(const Completion& completion, const Choice& made,
                         const std::string& state_id = "") {
  Choice last;
  last.index = made.index;
  last.finish = made.finish;
  last.stop_text = made.stop_text;
  return completion_event(completion, last, state_id);
}

// The events of one piece: its text, and how its stream ended. A single stream's end waits for the
// name of its state.
std::string piece_events(Completion& completion, std::size_t stream, const Piece& piece) {
  Choice& made = completion.choices[stream];
  made.finish = piece.finish;
  made.stop_text = piece.stop_text;
  if (piece.finish) completion.usage.completion_tokens += piece.completion_tokens;
  std::string events;
  if (!piece.text.empty() || !piece.scores.empty()) {
    Choice part{made.index, piece.text, piece.scores, made.scored};
    // The prompt's tokens come once, with the first text.
    part.prompt_symbols = std::exchange(made.prompt_symbols, {});
    part.tokens = made.tokens;
    part.symbols = piece.symbols;
    events += completion_event(completion, part);
  }
  if (completion.choices.size() > 1 && piece.finish && finished(*piece.finish)) {
    events += finish_event(completion, made);
  }
  return events;
}

// What follows the last text: an error, or the end of a single stream, usage, and the end of all.
std::string last_events(Service& service, const Completion& completion, const Sent& sent) {
  if (sent.failure) return event(json::serialize(unfinished(*sent.failure).object()));
  std::string events;
  if (completion.choices.size() == 1) {
    events += finish_event(completion, completion.choices.front(),
                           service.keep_state(completion.request, *sent.streams.front()));
  }
  if (completion.request.include_usage) {
    json::object last = completion_object(completion.head, {});
    last["usage"] = usage_object(completion.usage);
    events += event(json::serialize(last));
  }
  return events + event("[DONE]");
}

asio::awaitable<void> send_events(Service& service, Connection& connection, Completion& completion,
                                  const HttpRequest& request, bool& keep_alive) {
  const bool old_version = request.old_version;
  const auto framed = [old_version](const std::string& bytes) {
    return old_version || bytes.empty() ? bytes : chunk(bytes);
  };
  StreamFormat format;
  format.head = event_stream_head(request, keep_alive);
  format.ping = format.probe = framed(": ping\n\n");
  format.piece = [&](std::size_t stream, const Piece& piece, std::string& out) {
    out += framed(piece_events(completion, stream, piece));
  };
  std::vector<Generation> texts = co_await prepared(service, completion);
  const Sent sent = co_await send_streams(service, connection, std::move(texts), format);
  keep_alive = keep_alive && sent.whole && !sent.failure && !old_version;
  service.answered(200);
  if (!sent.whole) co_return connection.close();
  std::string end = framed(last_events(service, completion, sent));
  if (!old_version) end += chunk("");
  connection.within(std::chrono::duration<double>(service.options().send_seconds),
                    Connection::Progress::kOutput);
  co_await connection.write(end);
}

// A character that was left out has its place among the scores, and none of its own.
class Gaps {
 public:
  Gaps(const std::string& text, const Vocabulary& vocabulary, UnknownCharacters unknown) {
    for (const ReadCharacter& read : read_text(text, vocabulary, {.what = unknown})) {
      left_out_.push_back(!read.symbol);
    }
  }

  std::size_t characters() const { return left_out_.size(); }

  Piece fill(const Piece& piece) {
    Piece filled = piece;
    filled.scores.clear();
    for (const SymbolScore& score : piece.scores) {
      skip(filled);
      filled.scores.push_back(score);
      ++next_;
    }
    if (piece.finish) skip(filled);
    return filled;
  }

 private:
  void skip(Piece& piece) {
    for (; next_ < left_out_.size() && left_out_[next_]; ++next_) piece.scores.emplace_back();
  }

  std::vector<bool> left_out_;
  std::size_t next_ = 0;
};

asio::awaitable<std::optional<HttpResponse>> whole(Service& service, Connection& connection,
                                                   Completion& completion, bool old_version) {
  std::vector<Generation> texts = co_await prepared(service, completion);
  const std::size_t longest = longest_of(texts);
  const std::optional<int> top = texts.front().logprobs;
  Budget::Share share = service.held().take(HeldAnswer::most_bytes(texts.size(), longest, top));
  HeldAnswer held(texts.size(), longest, top);
  const auto gather = [&](std::size_t stream, const Piece& piece) {
    held.add(stream, piece);
    auto& symbols = completion.choices[stream].symbols;
    symbols.insert(symbols.end(), piece.symbols.begin(), piece.symbols.end());
  };
  const Sent sent =
      co_await send_streams(service, connection, std::move(texts), gathering(gather, old_version));
  if (!sent.whole) {
    connection.close();
    co_return std::nullopt;
  }
  if (sent.failure) throw unfinished(*sent.failure);
  for (const auto& choice : held.choices()) {
    completion.usage.completion_tokens += choice.last.completion_tokens;
  }
  const auto from = chosen(completion, held);
  json::object object = whole_object(completion, held, from);
  const auto state = service.keep_state(completion.request, *sent.streams.front());
  if (!state.empty()) object["state_id"] = state;
  HttpResponse response = co_await held_response(service, held, [&] {
    return completion_bytes(object, held, from, *completion.snapshot->vocabulary);
  });
  response.share = std::move(share);
  co_return response;
}

}  // namespace

asio::awaitable<std::optional<HttpResponse>> answer_completion(Service& service,
                                                               Connection& connection,
                                                               HttpRequest& request,
                                                               bool& keep_alive) {
  CompletionRequest asked;
  co_await read_body(service, request,
                     [&](std::string_view body) { asked = parse_completion(body); });
  asked.key = request.key;
  auto snapshot = co_await chosen_model(service, asked.model);
  Completion completion = begin(std::move(asked), std::move(snapshot));
  if (completion.request.stream) {
    co_await send_events(service, connection, completion, request, keep_alive);
    co_return std::nullopt;
  }
  co_return co_await whole(service, connection, completion, request.old_version);
}

asio::awaitable<std::optional<HttpResponse>> answer_score(Service& service, Connection& connection,
                                                          HttpRequest& request) {
  CompletionRequest asked;
  co_await read_body(service, request, [&](std::string_view body) { asked = parse_score(body); });
  const auto snapshot = co_await chosen_model(service, asked.model);
  std::vector<Generation> one;
  one.push_back(service.generation(asked, snapshot));
  one.front().score_prompt = true;
  const UnknownCharacters unknown = service.options().unknown;
  Gaps gaps(std::get<std::string>(asked.prompts.front()), *snapshot->vocabulary, unknown);
  const std::size_t characters = gaps.characters();
  Budget::Share share = service.held().take(HeldAnswer::most_bytes(1, characters, 0));
  HeldAnswer held(1, characters, 0);
  const auto gather = [&](std::size_t, const Piece& piece) { held.add(0, gaps.fill(piece)); };
  const Sent sent = co_await send_streams(service, connection, std::move(one),
                                          gathering(gather, request.old_version));
  if (!sent.whole) {
    connection.close();
    co_return std::nullopt;
  }
  if (sent.failure) throw unfinished(*sent.failure);
  const HeldAnswer::Choice& made = held.choices().front();
  const json::object object = score_object(made.scores, made.scored, -made.logprob_sum);
  HttpResponse response = co_await held_response(
      service, held, [&] { return score_bytes(object, held, *snapshot->vocabulary); });
  response.share = std::move(share);
  co_return response;
}

}  // namespace charrnn
