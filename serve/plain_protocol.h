#pragma once

#include <string>
#include <string_view>

#include "serve/engine/generation.h"
#include "serve/request_error.h"

namespace charrnn {

/// The longest line of the plain protocol.
inline constexpr std::size_t kLongestLine = 64 * 1024;

/// True for a line that is a JSON request; any other is a prompt.
bool is_json_line(std::string_view line);

/// The line without its end, LF or CR LF.
std::string_view without_newline(std::string_view line);

/// The NDJSON of one piece: its text, and the last object when it is the last piece, with the name
/// of the state that was kept, if any.
void append_ndjson(const Piece& piece, std::string& out, const std::string& state_id = "");

/// One line that tells a client of plain text what went wrong.
std::string error_line(std::string_view message);

/// One line that tells a client of JSON what went wrong.
std::string error_json_line(const RequestError& error);

/// The error of a stream that did not end by itself.
RequestError unfinished(Finish finish);

/// "stop" or "length"; only for a stream that ended by itself.
std::string_view finish_reason(Finish finish);

/// True when the stream ended by itself.
bool finished(Finish finish);

}  // namespace charrnn
