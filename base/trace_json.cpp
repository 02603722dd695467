#include "base/trace_json.h"

#include <algorithm>
#include <cctype>

namespace charrnn {
namespace {

void append_time(const char* key, std::int64_t nanoseconds, std::string& out) {
  const std::string fraction = std::to_string(nanoseconds % 1000 + 1000);
  out.append(",\"").append(key).append("\":").append(std::to_string(nanoseconds / 1000));
  out.append(".").append(fraction, 1);
}

// Names of threads come from anywhere.
std::string plain(std::string text) {
  const auto odd = [](unsigned char c) { return c == '"' || c == '\\' || std::isprint(c) == 0; };
  std::replace_if(text.begin(), text.end(), odd, '_');
  return text;
}

std::string argument(const char* key, const std::string& value) {
  return std::string(",\"args\":{\"") + key + "\":" + value + "}";
}

}  // namespace

// Every event but the first begins with the comma that parts it from the one before.
void TraceJson::head(const char* phase, const char* name, int thread, std::string& out) const {
  out.append(",\n{\"ph\":\"").append(phase).append("\",\"name\":\"").append(name);
  out.append("\",\"pid\":").append(std::to_string(process_));
  out.append(",\"tid\":").append(std::to_string(thread));
}

std::string TraceJson::begin(int process) {
  origin_ = Trace::now();
  process_ = process;
  const std::string id = std::to_string(process);
  return "[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":" + id + ",\"tid\":" + id +
         argument("name", "\"charrnn_pipeline\"") + "}";
}

std::string TraceJson::events(const TraceThread& thread, const std::vector<Trace::Event>& events) {
  std::string out;
  out.reserve(events.size() * 120);
  if (named_.insert(thread.id).second) {
    head("M", "thread_name", thread.id, out);
    out.append(argument("name", '"' + plain(thread.name) + '"')).append("}");
  }
  for (const Trace::Event& event : events) append(event, thread.id, out);
  return out;
}

void TraceJson::append(const Trace::Event& event, int thread, std::string& out) {
  const std::string number =
      event.number == Trace::kNoNumber ? "" : argument("n", std::to_string(event.number));
  const std::int64_t begin = std::max<std::int64_t>(0, event.begin - origin_);
  if (event.kind == Trace::Kind::kTask) {
    const std::string identity = ",\"cat\":\"task\",\"id\":" + std::to_string(++tasks_);
    head("b", event.name, thread, out);
    append_time("ts", begin, out);
    out.append(identity).append(number).append("}");
    head("e", event.name, thread, out);
    append_time("ts", begin + event.duration, out);
    out.append(identity).append("}");
    return;
  }
  const bool span = event.kind == Trace::Kind::kSpan;
  head(span ? "X" : "C", event.name, thread, out);
  append_time("ts", begin, out);
  if (span) append_time("dur", event.duration, out);
  out.append(number).append("}");
}

std::string TraceJson::end(std::uint64_t dropped) const {
  std::string out;
  if (dropped > 0) {
    head("M", "dropped_events", process_, out);
    out.append(argument("count", std::to_string(dropped))).append("}");
  }
  return out + "\n]\n";
}

}  // namespace charrnn
