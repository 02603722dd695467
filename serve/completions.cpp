#include "serve/completions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <ctime>

#include "serve/completion_response.h"
#include "serve/plain_protocol.h"
#include "serve/send_streams.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

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

Completion begin(const Service& service, const HttpRequest& http) {
  Completion completion;
  CompletionRequest& request = completion.request;
  request = parse_completion(http.body);
  if (request.model && *request.model != "charrnn") {
    throw RequestError(404, "there is one model here: charrnn", "model", "model_not_found");
  }
  if (!request.seed) request.seed = drawn_seed();
  completion.snapshot = service.snapshot();
  completion.head = {"cmpl-" + std::to_string(drawn_seed()), std::time(nullptr),
                     completion.snapshot->step};
  return completion;
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
  return result;
}

void gather(Completion& completion, std::size_t stream, const Piece& piece) {
  Choice& choice = completion.choices[stream];
  choice.text += piece.text;
  choice.scores.insert(choice.scores.end(), piece.scores.begin(), piece.scores.end());
  choice.finish = piece.finish;
  if (piece.finish) completion.usage.completion_tokens += piece.completion_tokens;
}

// Of each prompt's candidates, the `n` best in the order of their probability.
void keep_best(Completion& completion) {
  const auto n = static_cast<std::size_t>(completion.request.n);
  const auto of = static_cast<std::size_t>(completion.request.best_of);
  if (n == of) return;
  std::vector<Choice> best;
  for (std::size_t first = 0; first < completion.choices.size(); first += of) {
    const auto begin = completion.choices.begin() + static_cast<std::ptrdiff_t>(first);
    std::stable_sort(begin, begin + static_cast<std::ptrdiff_t>(of),
                     [](const Choice& a, const Choice& b) {
                       return mean_logprob(a.scores) > mean_logprob(b.scores);
                     });
    for (std::size_t i = 0; i < n; ++i) {
      best.push_back(std::move(completion.choices[first + i]));
      best.back().index = static_cast<int>(best.size() - 1);
    }
  }
  completion.choices = std::move(best);
}

// Keeps where a single text ended; returns the name, or nothing.
std::string kept_state(Service& service, const Sent& sent) {
  if (sent.streams.size() != 1) return "";
  const auto where = sent.streams.front()->where();
  return where ? service.states().keep(where) : "";
}

json::object whole_answer(Completion& completion) {
  keep_best(completion);
  json::array choices;
  for (const Choice& choice : completion.choices) {
    choices.push_back(choice_object(choice, *completion.snapshot->vocabulary));
  }
  json::object object = completion_object(completion.head, std::move(choices));
  object["usage"] = usage_object(completion.usage);
  return object;
}

// Why a request's streams did not all end by themselves.
RequestError failure_of(const Completion& completion) {
  for (const Choice& choice : completion.choices) {
    if (choice.finish && !finished(*choice.finish)) return unfinished(*choice.finish);
  }
  return unfinished(Finish::kFailed);
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
  if (sent.failed) return event(json::serialize(failure_of(completion).object()));
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
                                  bool old_version, bool& keep_alive) {
  const auto framed = [old_version](const std::string& bytes) {
    return old_version || bytes.empty() ? bytes : chunk(bytes);
  };
  StreamFormat format;
  format.head = event_stream_head(old_version, keep_alive);
  format.ping = framed(": ping\n\n");
  format.end_is_gone = true;
  format.piece = [&](std::size_t stream, const Piece& piece, std::string& out) {
    out += framed(piece_events(completion, stream, piece));
  };
  const Sent sent =
      co_await send_streams(service, connection, generations(service, completion), format);
  keep_alive = keep_alive && sent.whole && !sent.failed && !old_version;
  service.answered(200);
  if (!sent.whole) co_return;
  std::string end = framed(last_events(service, completion, sent));
  if (!old_version) end += chunk("");
  connection.within(std::chrono::duration<double>(service.options().send_seconds));
  co_await connection.write(end);
}

}  // namespace

asio::awaitable<std::optional<HttpResponse>> answer_completion(Service& service,
                                                               Connection& connection,
                                                               const HttpRequest& request,
                                                               bool& keep_alive) {
  Completion completion = begin(service, request);
  if (completion.request.stream) {
    co_await send_events(service, connection, completion, request.old_version, keep_alive);
    co_return std::nullopt;
  }
  StreamFormat format;
  format.end_is_gone = true;
  format.piece = [&](std::size_t stream, const Piece& piece, std::string&) {
    gather(completion, stream, piece);
  };
  const Sent sent =
      co_await send_streams(service, connection, generations(service, completion), format);
  if (sent.failed) throw failure_of(completion);
  json::object answer = whole_answer(completion);
  if (const auto state = kept_state(service, sent); !state.empty()) answer["state_id"] = state;
  co_return json_response(answer);
}

asio::awaitable<HttpResponse> answer_score(Service& service, Connection& connection,
                                           const HttpRequest& request) {
  CompletionRequest asked = parse_score(request.body);
  const auto snapshot = service.snapshot();
  std::vector<Generation> one;
  one.push_back(service.generation(asked, snapshot));
  one.front().score_prompt = true;
  std::vector<SymbolScore> scores;
  StreamFormat format;
  format.end_is_gone = true;
  format.piece = [&scores](std::size_t, const Piece& piece, std::string&) {
    scores.insert(scores.end(), piece.scores.begin(), piece.scores.end());
  };
  const Sent sent = co_await send_streams(service, connection, std::move(one), format);
  if (sent.failed) throw unfinished(Finish::kFailed);
  co_return json_response(score_object(scores));
}

}  // namespace charrnn
