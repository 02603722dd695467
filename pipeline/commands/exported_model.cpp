#include "pipeline/commands/exported_model.h"

#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"
#include "model/checkpoint/files.h"

namespace charrnn {
namespace {

namespace json = boost::json;

std::string token_of(const Vocabulary& vocabulary, Symbol symbol) {
  if (symbol == vocabulary.unknown()) return std::string(kUnknownName);
  std::string token;
  append_utf8(vocabulary.characters()[symbol], token);
  return token;
}

json::object replacement(std::string_view pattern, std::string_view content) {
  return {{"type", "Replace"}, {"pattern", {{"String", pattern}}}, {"content", content}};
}

json::value normalizer(const TextReading& reading) {
  json::array steps;
  if (reading.universal) steps = {replacement("\r\n", "\n"), replacement("\r", "\n")};
  if (reading.compose) steps.emplace_back(json::object{{"type", "NFC"}});
  if (steps.empty()) return nullptr;
  return json::object{{"type", "Sequence"}, {"normalizers", std::move(steps)}};
}

json::object word_level(const Vocabulary& vocabulary) {
  json::object tokens;
  for (std::size_t symbol = 0; symbol < vocabulary.size(); ++symbol) {
    tokens.emplace(token_of(vocabulary, static_cast<Symbol>(symbol)), symbol);
  }
  return {{"type", "WordLevel"}, {"vocab", std::move(tokens)}, {"unk_token", kUnknownName}};
}

json::value loss_or_null(const std::optional<double>& loss) {
  return loss ? json::value(*loss) : json::value(nullptr);
}

}  // namespace

std::string exported_weights(const Snapshot& model) {
  return safetensors_bytes(parameter_tensors(model.network, *model.weights), {{"format", "pt"}});
}

std::string exported_tokenizer(const Vocabulary& vocabulary) {
  const json::object every_character{{"type", "Split"},
                                     {"pattern", {{"Regex", "[\\s\\S]"}}},
                                     {"behavior", "Isolated"},
                                     {"invert", false}};
  const json::object joined{
      {"type", "Sequence"},
      {"decoders", json::array{replacement(kUnknownName, "\uFFFD"), {{"type", "Fuse"}}}}};
  const json::object tokenizer{{"version", "1.0"},
                               {"truncation", nullptr},
                               {"padding", nullptr},
                               {"added_tokens", json::array()},
                               {"normalizer", normalizer(vocabulary.reading())},
                               {"pre_tokenizer", every_character},
                               {"post_processor", nullptr},
                               {"decoder", joined},
                               {"model", word_level(vocabulary)}};
  return json::serialize(tokenizer) + "\n";
}

std::string exported_config(const Snapshot& model) {
  return print_json(json::object{{"model_type", "charrnn"},
                                 {"architectures", json::array{"CharRNN"}},
                                 {"cell", word_of(model.network.cell)},
                                 {"vocab_size", model.network.vocabulary},
                                 {"hidden_size", model.network.hidden},
                                 {"num_hidden_layers", model.network.layers},
                                 {"torch_dtype", "float32"},
                                 {"encoding", model.vocabulary->bytes() ? "bytes" : "utf-8"},
                                 {"documents", word_of(model.vocabulary->reading().documents.end)},
                                 {"step", model.step},
                                 {"train_loss", loss_or_null(model.train_loss)},
                                 {"validation_loss", loss_or_null(model.validation_loss)}});
}

}  // namespace charrnn
