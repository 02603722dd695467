#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace charrnn {

/// Counts durations by upper bounds, as Prometheus' histograms do.
class Histogram {
 public:
  /// Upper bounds in seconds; what is longer falls into +Inf.
  static constexpr std::array<double, 12> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.1,    0.5,   2.5,    10};

  void add(double seconds, std::uint64_t times = 1);

  /// Appends the series `name` in Prometheus' text format.
  void append(const std::string& name, const std::string& help, std::string& out) const;

 private:
  std::array<std::uint64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0.0;
};

/// What happened at the endpoint since it began. Lives on the I/O thread.
struct Metrics {
  std::map<int, std::uint64_t> requests;          ///< by status
  std::map<std::string, std::uint64_t> rejected;  ///< by the error's code
  std::uint64_t disconnects = 0;                  ///< clients that left before their answer's end
  std::uint64_t sending = 0;                      ///< answers on their way, now
  Histogram first_text;                           ///< from a request to its first text
  Histogram between_characters;                   ///< of a text, as handed to the socket
};

/// One number with its name, in Prometheus' text format. `type`: counter or gauge.
void append_metric(const std::string& name, const std::string& type, const std::string& help,
                   double value, std::string& out);

/// The series of `metrics`.
std::string metrics_text(const Metrics& metrics);

}  // namespace charrnn
