#include <algorithm>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "base/json.h"
#include "model/checkpoint/files.h"

namespace charrnn {
namespace {

namespace json = boost::json;

constexpr std::string_view kGenerator = "philox4x32-10";
constexpr std::uint64_t kLargestExtent = 1 << 16;
constexpr std::uint64_t kMostLayers = 1 << 10;
constexpr std::uint64_t kMostRows = 1 << 24;

// The number with the fewest digits that becomes this float again: 0.001, not 0.0010000000475.
double as_short_number(float value) {
  char digits[32];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  double number = 0.0;
  std::from_chars(digits, end, number);
  return static_cast<float>(number) == value ? number : static_cast<double>(value);
}

json::value number_or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value pending_json(const std::optional<PendingValidation>& pending) {
  if (!pending) return nullptr;
  return {{"step", pending->step},
          {"loss", number_or_null(pending->loss)},
          {"characters", pending->characters}};
}

float parse_float(JsonFields& fields, std::string_view name, const std::string& origin) {
  const double number = fields.number(name);
  if (number < 0.0 || number > std::numeric_limits<float>::max()) {
    throw Error(ErrorKind::kCheckpoint, origin + ": \"" + std::string(name) + "\" is out of range");
  }
  return static_cast<float>(number);
}

double parse_share(JsonFields& fields, std::string_view name, const std::string& origin) {
  const double number = fields.number(name);
  if (number > 0.0 && number < 1.0) return number;
  throw Error(ErrorKind::kCheckpoint, origin + ": \"" + std::string(name) + "\" is out of range");
}

// What a name stands for. A checkpoint of a newer program may have another one.
template <typename Found>
auto known(const Found& found, const char* what, const std::string& name,
           const std::string& origin) {
  if (found) return *found;
  throw Error(ErrorKind::kCheckpoint, origin + ": this program knows no " + what + " called \"" +
                                          name + "\"; use the program that wrote the checkpoint");
}

NetworkShape parse_network(const json::value& value, std::uint64_t format,
                           const std::string& origin) {
  JsonFields fields(value, origin + ": network");
  NetworkShape shape{.vocabulary = static_cast<int>(fields.whole("vocabulary", kLargestExtent)),
                     .hidden = static_cast<int>(fields.whole("hidden", kLargestExtent)),
                     .layers = static_cast<int>(fields.whole("layers", kMostLayers))};
  if (format > 1) {
    const std::string cell = fields.text("cell");
    shape.cell = known(value_of<CellKind>(cell), "cell", cell, origin);
  }
  fields.finish();
  if (shape.vocabulary == 0 || shape.hidden == 0 || shape.layers == 0) {
    throw Error(ErrorKind::kCheckpoint, origin + ": the network has an extent of 0");
  }
  return shape;
}

std::optional<PendingValidation> parse_pending(const json::value& value,
                                               const std::string& origin) {
  if (value.is_null()) return std::nullopt;
  JsonFields fields(value, origin + ": pending_validation");
  PendingValidation pending;
  pending.step = fields.whole("step");
  pending.loss = fields.number_or_null("loss");
  pending.characters = fields.whole("characters");
  fields.finish();
  return pending;
}

std::uint64_t parse_seed(const json::value& value, const std::string& origin) {
  JsonFields random(value, origin + ": random");
  if (random.text("generator") != kGenerator) {
    throw Error(ErrorKind::kCheckpoint, origin + ": another random generator than " +
                                            std::string(kGenerator) + " was used");
  }
  const std::uint64_t seed = random.whole("seed");
  random.finish();
  return seed;
}

std::vector<std::string> parse_lines(const json::value& value, const std::string& origin) {
  auto lines = json::try_value_to<std::vector<std::string>>(value);
  if (lines) return *std::move(lines);
  throw Error(ErrorKind::kCheckpoint, origin + ": \"changes\" must be an array of strings");
}

void parse_optimizer(const json::value& value, const std::string& origin, TrainState& state) {
  JsonFields fields(value, origin + ": optimizer");
  const std::string name = fields.text("name");
  state.optimizer.kind = known(value_of<OptimizerKind>(name), "optimiser", name, origin);
  state.steps = fields.whole("steps");
  if (fields.has("ema")) state.optimizer.ema = parse_share(fields, "ema", origin);
  fields.finish();
}

json::value optimizer_json(const TrainState& state) {
  json::object optimizer{{"name", word_of(state.optimizer.kind)}, {"steps", state.steps}};
  if (state.optimizer.ema > 0.0) optimizer["ema"] = state.optimizer.ema;
  return optimizer;
}

// Format 1 had one cell, LSTM, one optimiser, Adam, and one schedule, a constant. It counted epochs
// from 0.
void parse_format_1(JsonFields& fields, Checkpoint& checkpoint) {
  checkpoint.progress.epoch = fields.whole("epoch") + 1;
  checkpoint.progress.next_batch = fields.whole("next_sequence");
  checkpoint.state.optimizer.kind = OptimizerKind::kAdam;
  checkpoint.state.steps = fields.whole("optimizer_steps");
  checkpoint.schedule = ScheduleKind::kConstant;
}

void parse_later_format(JsonFields& fields, const std::string& origin, Checkpoint& checkpoint) {
  checkpoint.progress.epoch = fields.whole("epoch");
  if (checkpoint.progress.epoch == 0) {
    throw Error(ErrorKind::kCheckpoint, origin + ": epochs count from 1");
  }
  checkpoint.progress.next_batch = fields.whole("next_batch");
  parse_optimizer(fields.member("optimizer"), origin, checkpoint.state);
  const std::string name = fields.text("schedule");
  checkpoint.schedule = known(value_of<ScheduleKind>(name), "schedule", name, origin);
}

}  // namespace

std::string state_json(const Checkpoint& checkpoint) {
  const TrainState& state = checkpoint.state;
  const Progress& progress = checkpoint.progress;
  return print_json({{"step", progress.step},
                     {"epoch", std::max<std::uint64_t>(progress.epoch, 1)},
                     {"next_batch", progress.next_batch},
                     {"characters", progress.characters},
                     {"train_loss", number_or_null(progress.train_loss)},
                     {"validation_loss", number_or_null(progress.validation_loss)},
                     {"learning_rate", as_short_number(static_cast<float>(progress.learning_rate))},
                     {"dropout", as_short_number(checkpoint.dropout)},
                     {"optimizer", optimizer_json(state)},
                     {"schedule", word_of(checkpoint.schedule)},
                     {"random", {{"generator", kGenerator}, {"seed", checkpoint.seed}}},
                     {"network",
                      {{"vocabulary", state.network.vocabulary},
                       {"hidden", state.network.hidden},
                       {"layers", state.network.layers},
                       {"cell", describe(state.network.cell).name}}},
                     {"rows", state.rows},
                     {"corpus_fingerprint", checkpoint.corpus_fingerprint},
                     {"digest", state.digest},
                     {"pending_validation", pending_json(checkpoint.pending_validation)},
                     {"changes", json::value_from(checkpoint.changes)}});
}

void parse_state_json(std::string_view json, std::uint64_t format, const std::string& origin,
                      Checkpoint& checkpoint) {
  const json::value value = parse_json(json, origin);
  JsonFields fields(value, origin);
  checkpoint.progress.step = fields.whole("step");
  checkpoint.progress.characters = fields.whole("characters");
  checkpoint.progress.train_loss = fields.number_or_null("train_loss");
  checkpoint.progress.learning_rate = parse_float(fields, "learning_rate", origin);
  checkpoint.dropout = parse_float(fields, "dropout", origin);
  checkpoint.seed = parse_seed(fields.member("random"), origin);
  checkpoint.state.network = parse_network(fields.member("network"), format, origin);
  checkpoint.state.rows = static_cast<int>(fields.whole("rows", kMostRows));
  checkpoint.corpus_fingerprint = fields.text("corpus_fingerprint");
  checkpoint.state.digest = fields.text("digest");
  checkpoint.pending_validation = parse_pending(fields.member("pending_validation"), origin);
  if (format == 1) {
    parse_format_1(fields, checkpoint);
  } else {
    parse_later_format(fields, origin, checkpoint);
  }
  if (format > 2) {
    checkpoint.progress.validation_loss = fields.number_or_null("validation_loss");
    checkpoint.changes = parse_lines(fields.member("changes"), origin);
  }
  if (checkpoint.progress.step == 0) checkpoint.progress.epoch = 0;  // no batch was trained on
  fields.finish();
}

}  // namespace charrnn
