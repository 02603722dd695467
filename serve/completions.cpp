#include "serve/completions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <ctime>
#include <numeric>

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
  if (!completion.request.seed) completion.request.seed = drawn_seed();
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

std::vector<Generation> generations(const Service& service, Completion& completion) {
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
  co_await work_on(service, completion.request.state_id ? 0 : size,
                   [&] { texts = generations(service, completion); });
  co_return texts;
}

// Keeps where a single text ended; returns the name, or nothing.
std::string kept_state(Service& service, const Sent& sent) {
  if (sent.streams.size() != 1) return "";
  const auto where = sent.streams.front()->where();
  return where ? service.states().keep(where) : "";
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
    choice.finish = held.choices()[from[i]].last.finish;
    choices.push_back(choice_object(choice, *completion.snapshot->vocabulary));
  }
  json::object object = completion_object(completion.head, std::move(choices));
  object["usage"] = usage_object(completion.usage);
  return object;
}

// How the texts of a whole answer are gathered: nothing is sent before all have ended, so that the
// status tells whether they did.
StreamFormat gathering(HeldAnswer& held, bool old_version) {
  StreamFormat format;
  format.piece = [&held](std::size_t stream, const Piece& piece, std::string&) {
    held.add(stream, piece);
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
  return completion_event(completion, {made.index, "", {}, false, 0, made.finish}, state_id);
}

// The events of one piece: its text, and how its stream ended. A single stream's end waits for the
// name of its state.
std::string piece_events(Completion& completion, std::size_t stream, const Piece& piece) {
  Choice& made = completion.choices[stream];
  made.finish = piece.finish;
  if (piece.finish) completion.usage.completion_tokens += piece.completion_tokens;
  std::string events;
  if (!piece.text.empty() || !piece.scores.empty()) {
    events += completion_event(completion, {made.index, piece.text, piece.scores, made.scored,
                                            made.text_offset, std::nullopt});
    made.text_offset += piece.scores.size();
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
    events += finish_event(completion, completion.choices.front(), kept_state(service, sent));
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

asio::awaitable<std::optional<HttpResponse>> whole(Service& service, Connection& connection,
                                                   Completion& completion, bool old_version) {
  std::vector<Generation> texts = co_await prepared(service, completion);
  const std::size_t longest = longest_of(texts);
  const std::optional<int> top = texts.front().logprobs;
  Budget::Share share = service.held().take(HeldAnswer::most_bytes(texts.size(), longest, top));
  HeldAnswer held(texts.size(), longest, top);
  const Sent sent =
      co_await send_streams(service, connection, std::move(texts), gathering(held, old_version));
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
  if (const auto state = kept_state(service, sent); !state.empty()) object["state_id"] = state;
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
  const std::size_t characters = one.front().prompt.size();
  Budget::Share share = service.held().take(HeldAnswer::most_bytes(1, characters, 0));
  HeldAnswer held(1, characters, 0);
  const Sent sent = co_await send_streams(service, connection, std::move(one),
                                          gathering(held, request.old_version));
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
