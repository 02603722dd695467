#include "serve/metrics.h"

#include <algorithm>
#include <charconv>

namespace charrnn {
namespace {

std::string number(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

void append_head(const std::string& name, const std::string& type, const std::string& help,
                 std::string& out) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

template <typename Key, typename Word>
void append_counts(const std::string& name, const std::string& label, const std::string& help,
                   const std::map<Key, std::uint64_t>& counts, Word word, std::string& out) {
  append_head(name, "counter", help, out);
  for (const auto& [key, count] : counts) {
    out += name + "{" + label + "=\"" + word(key) + "\"} " + std::to_string(count) + "\n";
  }
}

}  // namespace

void Histogram::add(double seconds, std::uint64_t times) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  counts_[static_cast<std::size_t>(bound - kBounds.begin())] += times;
  sum_ += seconds * static_cast<double>(times);
}

void Histogram::append(const std::string& name, const std::string& help, std::string& out) const {
  append_head(name, "histogram", help, out);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
    out += name + "_bucket{le=\"" + bound + "\"} " + std::to_string(below) + "\n";
  }
  out += name + "_sum " + number(sum_) + "\n" + name + "_count " + std::to_string(below) + "\n";
}

void append_metric(const std::string& name, const std::string& type, const std::string& help,
                   double value, std::string& out) {
  append_head(name, type, help, out);
  out += name + " " + number(value) + "\n";
}

std::string metrics_text(const Metrics& metrics) {
  std::string out;
  append_counts(
      "charrnn_requests_total", "code", "Requests that were answered, by status.", metrics.requests,
      [](int status) { return std::to_string(status); }, out);
  append_counts(
      "charrnn_rejected_total", "reason", "Requests that were refused, by error code.",
      metrics.rejected, [](const std::string& reason) { return reason; }, out);
  append_metric("charrnn_client_disconnects_total", "counter",
                "Clients that left before the end of their answer.",
                static_cast<double>(metrics.disconnects), out);
  metrics.first_text.append("charrnn_ttfb_seconds", "Time from a request to its first text.", out);
  metrics.between_characters.append("charrnn_inter_char_seconds",
                                    "Time between two characters of a text.", out);
  return out;
}

}  // namespace charrnn
