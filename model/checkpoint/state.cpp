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
    throw Error(ExitCode::kCheckpoint, origin + ": \"" + std::string(name) + "\" is out of range");
  }
  return static_cast<float>(number);
}

NetworkShape parse_network(const json::value& value, const std::string& origin) {
  JsonFields fields(value, origin + ": network");
  NetworkShape shape{.vocabulary = static_cast<int>(fields.whole("vocabulary", kLargestExtent)),
                     .hidden = static_cast<int>(fields.whole("hidden", kLargestExtent)),
                     .layers = static_cast<int>(fields.whole("layers", kMostLayers))};
  fields.finish();
  if (shape.vocabulary == 0 || shape.hidden == 0 || shape.layers == 0) {
    throw Error(ExitCode::kCheckpoint, origin + ": the network has an extent of 0");
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

}  // namespace

std::string state_json(const Checkpoint& checkpoint) {
  const TrainState& state = checkpoint.state;
  return print_json({{"step", checkpoint.step},
                     {"epoch", checkpoint.epoch},
                     {"next_sequence", checkpoint.next_sequence},
                     {"characters", checkpoint.characters},
                     {"train_loss", number_or_null(checkpoint.train_loss)},
                     {"learning_rate", as_short_number(checkpoint.learning_rate)},
                     {"dropout", as_short_number(checkpoint.dropout)},
                     {"optimizer_steps", state.steps},
                     {"random", {{"generator", kGenerator}, {"seed", checkpoint.seed}}},
                     {"network",
                      {{"vocabulary", state.network.vocabulary},
                       {"hidden", state.network.hidden},
                       {"layers", state.network.layers}}},
                     {"rows", state.rows},
                     {"corpus_fingerprint", checkpoint.corpus_fingerprint},
                     {"digest", state.digest},
                     {"pending_validation", pending_json(checkpoint.pending_validation)}});
}

void parse_state_json(std::string_view json, const std::string& origin, Checkpoint& checkpoint) {
  const json::value value = parse_json(json, origin);
  JsonFields fields(value, origin);
  checkpoint.step = fields.whole("step");
  checkpoint.epoch = fields.whole("epoch");
  checkpoint.next_sequence = fields.whole("next_sequence");
  checkpoint.characters = fields.whole("characters");
  checkpoint.train_loss = fields.number_or_null("train_loss");
  checkpoint.learning_rate = parse_float(fields, "learning_rate", origin);
  checkpoint.dropout = parse_float(fields, "dropout", origin);
  checkpoint.state.steps = fields.whole("optimizer_steps");
  JsonFields random(fields.member("random"), origin + ": random");
  if (random.text("generator") != kGenerator) {
    throw Error(ExitCode::kCheckpoint, origin + ": another random generator than " +
                                           std::string(kGenerator) + " was used");
  }
  checkpoint.seed = random.whole("seed");
  random.finish();
  checkpoint.state.network = parse_network(fields.member("network"), origin);
  checkpoint.state.rows = static_cast<int>(fields.whole("rows", kMostRows));
  checkpoint.corpus_fingerprint = fields.text("corpus_fingerprint");
  checkpoint.state.digest = fields.text("digest");
  checkpoint.pending_validation = parse_pending(fields.member("pending_validation"), origin);
  fields.finish();
}

}  // namespace charrnn
