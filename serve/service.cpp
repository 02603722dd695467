#include "serve/service.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <random>

#include "serve/prompt.h"
#include "serve/request_error.h"

namespace charrnn {

namespace {

ApiKeys keys_of(const ServeOptions& options) {
  return options.api_key_file.empty() ? ApiKeys() : ApiKeys(options.api_key_file);
}

}  // namespace

std::uint64_t drawn_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 31) ^ device();
}

namespace {

// Which random numbers of a seed a text draws. A prompt's first choice draws what it would draw
// alone; no two others of a request draw the same.
std::uint32_t numbers_of(std::size_t prompt, int choice) {
  if (choice == 0) return 0;
  const auto choices = static_cast<std::size_t>(RequestBounds().n);
  return static_cast<std::uint32_t>(prompt * choices + static_cast<std::size_t>(choice));
}

}  // namespace

Service::Service(const ServeOptions& options, const GenerateOptions& defaults,
                 const PublishedSnapshot& published, Engine& engine)
    : options_(options),
      defaults_(defaults),
      published_(published),
      engine_(engine),
      keys_(keys_of(options)),
      began_(std::time(nullptr)),
      states_(options.max_states),
      host_names_(options.allowed_hosts) {}

CompletionRequest Service::plain_request(std::string_view prompt) const {
  CompletionRequest request;
  request.prompts.emplace_back(std::string(prompt));
  request.max_tokens = defaults_.length;
  request.sampling = defaults_.sampling;
  request.stop = defaults_.stop;
  request.seed = defaults_.seed;
  return request;
}

std::shared_ptr<const Snapshot> Service::snapshot() const {
  auto snapshot = published_.load();
  if (!snapshot) throw RequestError(503, "there is no model yet", "", "not_ready");
  return snapshot;
}

// A state belongs to who has its key; without keys, to everybody who knows its name.
std::string Service::owner(const CompletionRequest& request) const {
  return keys_.required() ? request.key : std::string();
}

std::string Service::keep_state(const CompletionRequest& request, const Stream& stream) {
  auto where = request.keep_state ? stream.where() : nullptr;
  return where ? states_.keep(std::move(where), owner(request)) : "";
}

// `<unk>` comes only when it is asked for.
SamplingOptions Service::sampling(const CompletionRequest& request,
                                  const Vocabulary& vocabulary) const {
  SamplingOptions sampling = request.sampling;
  bool asked_for_unknown = false;
  const auto symbol = [&](std::int64_t token, const char* field) {
    const Symbol known = known_token(vocabulary, token, field);
    asked_for_unknown = asked_for_unknown || known == vocabulary.unknown();
    return known;
  };
  for (const auto& [token, bias] : request.logit_bias) {
    sampling.bias.emplace_back(symbol(token, "logit_bias"), bias);
  }
  for (const std::int64_t token : request.allowed_token_ids) {
    sampling.allowed.push_back(symbol(token, "allowed_token_ids"));
  }
  if (!asked_for_unknown && vocabulary.size() > 1) sampling.never = vocabulary.unknown();
  return sampling;
}

std::shared_ptr<const TextPattern> Service::pattern(const CompletionRequest& request,
                                                    const Snapshot& snapshot) {
  std::vector<Symbol> allowed;
  for (const std::int64_t token : request.allowed_token_ids) {
    allowed.push_back(static_cast<Symbol>(token));
  }
  try {
    auto pattern = patterns_.find(*request.regex, snapshot.vocabulary, allowed);
    const std::uint64_t shortest = pattern->shortest(TextPattern::kStart);
    if (shortest <= request.max_tokens) return pattern;
    throw PatternError("its shortest match has " + std::to_string(shortest) +
                       " characters, more than max_tokens");
  } catch (const PatternError& error) {
    throw RequestError(400, std::string("'regex' cannot be used: ") + error.what(), "regex",
                       "invalid_regex");
  }
}

Generation Service::generation(const CompletionRequest& request,
                               const std::shared_ptr<const Snapshot>& snapshot, std::size_t prompt,
                               int choice) {
  Generation generation;
  generation.snapshot = snapshot;
  if (request.state_id) {
    generation.from = states_.find(*request.state_id, owner(request));
    if (!generation.from) {
      throw RequestError(400, "this state is not kept (any more)", "state_id", "unknown_state");
    }
    generation.snapshot = generation.from->snapshot;
  }
  const Vocabulary& vocabulary = *generation.snapshot->vocabulary;
  generation.prompt = encode_prompt(vocabulary, request.prompts[prompt], options_.unknown);
  generation.sampling = sampling(request, vocabulary);
  if (request.regex) generation.pattern = pattern(request, *generation.snapshot);
  generation.max_tokens = request.max_tokens;
  generation.min_tokens = request.min_tokens;
  generation.seed = request.seed ? *request.seed : drawn_seed();
  generation.choice = numbers_of(prompt, choice);
  generation.stop = request.stop;
  generation.include_stop = request.include_stop;
  generation.keep_state = request.keep_state;
  generation.give_symbols = request.return_token_ids;
  generation.logprobs = request.logprobs;
  generation.echo = request.echo;
  generation.score_prompt = request.echo && request.logprobs;
  generation.client.key = keys_.required() ? std::hash<std::string>()(request.key) : 0;
  return generation;
}

std::vector<std::shared_ptr<Stream>> Service::start(std::vector<Generation> generations,
                                                    const std::shared_ptr<Signal>& signal) {
  if (draining_) throw RequestError(503, "the server is stopping", "", "shutting_down");
  if (generations.size() > engine_.most_at_once()) {
    throw RequestError(400,
                       "this asks for " + std::to_string(generations.size()) +
                           " texts at once; this server makes up to " +
                           std::to_string(engine_.most_at_once()) + " for one client",
                       "n", "too_many_texts");
  }
  constexpr std::size_t kLeastCapacity = 256;
  const std::size_t capacity = std::max(kStreamCapacity / generations.size(), kLeastCapacity);
  std::vector<std::shared_ptr<Stream>> streams;
  for (Generation& generation : generations) {
    streams.push_back(std::make_shared<Stream>(
        std::move(generation), [signal] { signal->raise(); }, capacity));
  }
  if (!engine_.submit(streams)) {
    throw RequestError(429,
                       "too many texts are being made, or too many for this client; try again soon",
                       "", "overloaded");
  }
  streams_.insert(streams.begin(), streams.end());
  return streams;
}

void Service::leave(const std::vector<std::shared_ptr<Stream>>& streams) {
  for (const auto& stream : streams) {
    stream->cancel();
    streams_.erase(stream);
  }
  engine_.wake();
}

void Service::reload_keys() { keys_ = keys_of(options_); }

bool Service::close_idle() {
  Connection* longest = nullptr;
  for (Connection* connection : connections_) {
    if (!connection->idle() || connection->gone()) continue;
    if (longest == nullptr || connection->deadline() < longest->deadline()) longest = connection;
  }
  if (longest != nullptr) longest->close();
  return longest != nullptr;
}

void Service::expire_connections() {
  const auto now = Connection::Clock::now();
  for (Connection* connection : connections_) connection->expire(now);
}

void Service::drain() {
  draining_ = true;
  for (Connection* connection : connections_) {
    if (!connection->busy && !connection->finishing()) connection->close();
  }
}

void Service::end_streams() {
  for (const auto& stream : streams_) stream->end(Finish::kShutdown);
  engine_.wake();
}

void Service::close_connections() {
  for (Connection* connection : connections_) connection->close();
}

}  // namespace charrnn
