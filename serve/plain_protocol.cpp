#include "serve/plain_protocol.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace charrnn {
namespace {

namespace json = boost::json;

void append_line(const json::value& value, std::string& out) {
  out += json::serialize(value);
  out += '\n';
}

}  // namespace

bool is_json_line(std::string_view line) { return line.starts_with('{'); }

std::string_view without_newline(std::string_view line) {
  if (!line.ends_with('\n')) return line;
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void append_ndjson(const Piece& piece, std::string& out, const std::string& state_id) {
  if (!piece.text.empty()) append_line({{"text", piece.text}}, out);
  if (!piece.finish) return;
  if (!finished(*piece.finish)) {
    out += error_json_line(unfinished(*piece.finish));
    return;
  }
  json::object last{{"finish_reason", finish_reason(*piece.finish)},
                    {"prompt_tokens", piece.prompt_tokens},
                    {"completion_tokens", piece.completion_tokens}};
  if (piece.stop_text) last["stop_reason"] = *piece.stop_text;
  if (!state_id.empty()) last["state_id"] = state_id;
  append_line(std::move(last), out);
}

std::string error_line(std::string_view message) {
  std::string line = "error: " + std::string(message);
  // A message may quote what the client sent; its line must stay one.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line + '\n';
}

std::string error_json_line(const RequestError& error) {
  return json::serialize(error.object()) + '\n';
}

RequestError unfinished(Finish finish) {
  switch (finish) {
    case Finish::kShutdown:
      return {503, "the server is stopping", "", "shutting_down"};
    case Finish::kExpired:
      return {408, "the request took too long", "", "request_timeout"};
    default:
      return {500, "the text could not be made; see the server's messages", "", "failed"};
  }
}

std::string_view finish_reason(Finish finish) {
  return finish == Finish::kStop ? "stop" : "length";
}

bool finished(Finish finish) { return finish == Finish::kLength || finish == Finish::kStop; }

}  // namespace charrnn
