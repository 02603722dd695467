#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/trace.h"

namespace charrnn {

/// A thread as traces show it.
struct TraceThread {
  int id = 0;        ///< the kernel's
  std::string name;  ///< shown beside its spans
};

/// The text of a trace file, piece by piece: a JSON array with an event a line, times in
/// microseconds since begin(). Readers accept it without its end.
class TraceJson {
 public:
  std::string begin(int process);
  std::string events(const TraceThread& thread, const std::vector<Trace::Event>& events);

  /// `dropped`: events that are missing.
  std::string end(std::uint64_t dropped) const;

 private:
  void append(const Trace::Event& event, int thread, std::string& out);
  void head(const char* phase, const char* name, int thread, std::string& out) const;

  std::int64_t origin_ = 0;
  int process_ = 0;
  std::uint64_t tasks_ = 0;  // each has an identity of its own
  std::set<int> named_;      // threads
};

}  // namespace charrnn
