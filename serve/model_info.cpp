#include "serve/model_info.h"

#include <boost/json/array.hpp>
#include <cstdio>
#include <numeric>

namespace charrnn {
namespace {

namespace json = boost::json;

json::value number_or_null(const std::optional<double>& number) {
  if (!number) return nullptr;
  return *number;
}

// Checkpoints are directories named so.
std::string checkpoint_name(std::uint64_t step) {
  char name[24];
  std::snprintf(name, sizeof name, "%09llu", static_cast<unsigned long long>(step));
  return name;
}

// What the model was trained on: the vocabulary has counted its characters.
json::object corpus_object(const Service& service, const Vocabulary& vocabulary) {
  const auto& counts = vocabulary.counts();
  json::array files(service.options().corpus.begin(), service.options().corpus.end());
  return {{"files", std::move(files)},
          {"characters", std::accumulate(counts.begin(), counts.end(), std::uint64_t{0})}};
}

json::object meta_object(const Service& service, const Snapshot& snapshot) {
  return {{"step", snapshot.step},
          {"epoch", snapshot.epoch},
          {"characters", snapshot.characters},
          {"checkpoint", checkpoint_name(snapshot.step)},
          {"train_loss", number_or_null(snapshot.train_loss)},
          {"validation_loss", number_or_null(snapshot.validation_loss)},
          {"alphabet_size", snapshot.vocabulary->size()},
          {"alphabet", alphabet_text(*snapshot.vocabulary)},
          {"bytes", snapshot.vocabulary->bytes()},
          {"corpus", corpus_object(service, *snapshot.vocabulary)},
          {"cell", word_of(snapshot.network.cell)},
          {"hidden", snapshot.network.hidden},
          {"layers", snapshot.network.layers},
          {"parameters", snapshot.weights->size()}};
}

std::vector<std::uint64_t> steps_of(const Service& service) {
  const auto& steps = service.options().checkpoints.steps;
  return steps ? steps() : std::vector<std::uint64_t>();
}

// What is known of a checkpoint without reading it.
json::object step_object(const Service& service, std::uint64_t step) {
  return {{"id", "charrnn@" + std::to_string(step)},
          {"object", "model"},
          {"created", service.began()},
          {"owned_by", "charrnn_pipeline"},
          {"meta", {{"step", step}, {"checkpoint", checkpoint_name(step)}}}};
}

void append_training(const Snapshot& snapshot, std::string& out) {
  append_metric("charrnn_train_step", "gauge", "Step of the weights that answer now.",
                static_cast<double>(snapshot.step), out);
  if (snapshot.train_loss) {
    append_metric("charrnn_train_loss", "gauge", "Training loss of these weights, nats.",
                  *snapshot.train_loss, out);
  }
  if (snapshot.validation_loss) {
    append_metric("charrnn_val_loss", "gauge", "Newest validation loss, nats.",
                  *snapshot.validation_loss, out);
  }
}

}  // namespace

std::string alphabet_text(const Vocabulary& vocabulary) {
  std::string text;
  if (vocabulary.bytes()) return text;
  for (std::size_t symbol = 0; symbol < vocabulary.size(); ++symbol) {
    vocabulary.append(static_cast<Symbol>(symbol), text);
  }
  return text;
}

json::object model_object(const Service& service) {
  const auto snapshot = service.snapshot();
  return {{"id", "charrnn"},
          {"object", "model"},
          {"created", snapshot->created.value_or(service.began())},
          {"owned_by", "charrnn_pipeline"},
          {"meta", meta_object(service, *snapshot)}};
}

json::object models_object(const Service& service) {
  json::array models{model_object(service)};
  for (const std::uint64_t step : steps_of(service)) models.push_back(step_object(service, step));
  return {{"object", "list"}, {"data", std::move(models)}};
}

json::object named_model_object(const Service& service, const std::string& name) {
  const auto step = step_of_model(name);
  if (!step) return model_object(service);
  for (const std::uint64_t one : steps_of(service)) {
    if (one == *step) return step_object(service, one);
  }
  throw RequestError(404, "there is no checkpoint of this step; see /v1/models", "model",
                     "model_not_found");
}

json::object props_object(Service& service) {
  const RequestBounds bounds;
  const ServeOptions& options = service.options();
  return {{"limits",
           {{"prompt_bytes", bounds.prompt_bytes},
            {"max_tokens", bounds.max_tokens},
            {"all_tokens", bounds.all_tokens},
            {"n", bounds.n},
            {"logprobs", bounds.logprobs},
            {"stop", bounds.stops},
            {"live", options.max_live},
            {"queued", options.max_queued},
            {"connections", options.max_connections},
            {"request_seconds", options.request_seconds}}},
          {"defaults", {{"max_tokens", CompletionRequest().max_tokens}, {"temperature", 1.0}}},
          {"live", service.engine().live()},
          {"queued", service.engine().queued()},
          {"connections", service.connections()},
          {"draining", service.draining()}};
}

std::string all_metrics(Service& service) {
  std::string out = metrics_text(service.metrics());
  const Engine& engine = service.engine();
  append_metric("charrnn_requests_processing", "gauge", "Texts that are being made.",
                static_cast<double>(engine.live()), out);
  append_metric("charrnn_requests_queued", "gauge", "Texts that wait for a place.",
                static_cast<double>(engine.queued()), out);
  append_metric("charrnn_requests_parked", "gauge", "Texts whose client does not read.",
                static_cast<double>(engine.parked()), out);
  append_metric("charrnn_generated_chars_total", "counter", "Characters made.",
                static_cast<double>(engine.characters()), out);
  append_metric("charrnn_answers_sending", "gauge", "Whole answers whose client reads them.",
                static_cast<double>(service.metrics().sending), out);
  append_metric("charrnn_held_bytes", "gauge",
                "Bytes that whole answers may come to, of those that all "
                "clients may hold.",
                static_cast<double>(service.held().held()), out);
  append_metric("charrnn_connections", "gauge", "Open connections.",
                static_cast<double>(service.connections()), out);
  if (const auto snapshot = service.newest()) append_training(*snapshot, out);
  return out;
}

}  // namespace charrnn
