#include "serve/service.h"

#include <algorithm>
#include <ctime>
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

Service::Service(const ServeOptions& options, const GenerateOptions& defaults,
                 const PublishedSnapshot& published, Engine& engine)
    : options_(options),
      defaults_(defaults),
      published_(published),
      engine_(engine),
      keys_(keys_of(options)),
      began_(std::time(nullptr)),
      host_names_(options.allowed_hosts) {}

CompletionRequest Service::plain_request(std::string_view prompt) const {
  CompletionRequest request;
  request.prompts.emplace_back(std::string(prompt));
  request.max_tokens = defaults_.length;
  request.sampling = sampling_of(defaults_);
  request.stop = defaults_.stop;
  request.seed = defaults_.seed;
  return request;
}

std::shared_ptr<const Snapshot> Service::snapshot() const {
  auto snapshot = published_.load();
  if (!snapshot) throw RequestError(503, "there is no model yet", "", "not_ready");
  return snapshot;
}

Generation Service::generation(const CompletionRequest& request,
                               const std::shared_ptr<const Snapshot>& snapshot, std::size_t prompt,
                               int choice) const {
  Generation generation;
  generation.snapshot = snapshot;
  if (request.state_id) {
    generation.from = states_.find(*request.state_id);
    if (!generation.from) {
      throw RequestError(400, "this state is not kept (any more)", "state_id", "unknown_state");
    }
    generation.snapshot = generation.from->snapshot;
  }
  const Vocabulary& vocabulary = *generation.snapshot->vocabulary;
  generation.prompt = encode_prompt(vocabulary, request.prompts[prompt], options_.unknown);
  if (request.sampling.top_k > static_cast<int>(vocabulary.size())) {
    throw invalid_field("top_k", "must be at most " + std::to_string(vocabulary.size()) +
                                     ", the size of the vocabulary");
  }
  generation.sampling = request.sampling;
  generation.max_tokens = request.max_tokens;
  generation.seed = request.seed ? *request.seed : drawn_seed();
  generation.choice = static_cast<std::uint32_t>(choice);
  generation.stop = request.stop;
  generation.logprobs = request.logprobs;
  generation.echo = request.echo;
  generation.score_prompt = request.echo && request.logprobs;
  return generation;
}

std::vector<std::shared_ptr<Stream>> Service::start(std::vector<Generation> generations,
                                                    const std::shared_ptr<Signal>& signal) {
  if (draining_) throw RequestError(503, "the server is stopping", "", "shutting_down");
  constexpr std::size_t kLeastCapacity = 256;
  const std::size_t capacity = std::max(kStreamCapacity / generations.size(), kLeastCapacity);
  std::vector<std::shared_ptr<Stream>> streams;
  for (Generation& generation : generations) {
    streams.push_back(std::make_shared<Stream>(
        std::move(generation), [signal] { signal->raise(); }, capacity));
  }
  // The state at the end is worth keeping where there is one end.
  if (streams.size() == 1) streams.front()->keep_state();
  if (!engine_.submit(streams)) {
    throw RequestError(429, "too many texts are being made; try again soon", "", "overloaded");
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
