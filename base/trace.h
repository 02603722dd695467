#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace charrnn {

/// Where the time of a process goes, as a file for Perfetto and chrome://tracing (JSON array
/// format). At most one at a time. Every thread notes what it did in a buffer of its own and never
/// touches the file; a thread of the trace writes the buffers out some times a second, so the file
/// can be read however the process ends. A buffer that is full drops what comes and counts it.
class Trace {
 public:
  /// Begins the file, in place of another of that name. Throws Error(kIo).
  explicit Trace(const std::filesystem::path& file);

  /// Writes the rest and ends the file.
  ~Trace();

  /// True while there is one. Callable from any thread, as are all static members.
  static bool on() { return tracing.load(std::memory_order_relaxed); }

  /// Events in the file so far.
  std::uint64_t events() const;

  /// Why the file is not whole: it could not be written on, or events were dropped; else empty.
  std::string trouble() const;

  /// What one event is.
  enum class Kind {
    kSpan,    ///< on its thread; spans of a thread nest
    kTask,    ///< from here to there, wherever it was worked on; tasks of a thread may overlap
    kCounter  ///< a number that changed
  };
  struct Event {
    Kind kind;
    const char* name;       ///< a literal
    std::int64_t begin;     ///< now()
    std::int64_t duration;  ///< nanoseconds; none for a counter
    std::int64_t number;    ///< a counter's value; for others shown with them, kNoNumber: not
  };
  static constexpr std::int64_t kNoNumber = -1;

  /// Nanoseconds of the steady clock.
  static std::int64_t now() {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  /// Takes an event of the calling thread.
  static void note(const Event& event);

 private:
  class Writer;
  inline static std::atomic<bool> tracing{false};
  std::unique_ptr<Writer> writer_;
};

/// Notes the time from its construction to its end. One branch when nothing is traced.
class TraceScope {
 public:
  TraceScope(Trace::Kind kind, const char* name, std::int64_t number)
      : event_{kind, Trace::on() ? name : nullptr, 0, 0, number} {
    if (event_.name != nullptr) event_.begin = Trace::now();
  }
  ~TraceScope() {
    if (event_.name == nullptr) return;
    event_.duration = Trace::now() - event_.begin;
    Trace::note(event_);
  }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Trace::Event event_;
};

/// What this thread does until the end of the scope. `name` is a literal; `number` tells which.
struct TraceSpan : TraceScope {
  explicit TraceSpan(const char* name, std::int64_t number = Trace::kNoNumber)
      : TraceScope(Trace::Kind::kSpan, name, number) {}
};

/// What goes on until the end of the scope while its thread works on other things too: a request.
struct TraceTask : TraceScope {
  explicit TraceTask(const char* name, std::int64_t number = Trace::kNoNumber)
      : TraceScope(Trace::Kind::kTask, name, number) {}
};

/// The value of a counter from now on. `name` is a literal.
inline void trace_counter(const char* name, std::int64_t value) {
  if (Trace::on()) Trace::note({Trace::Kind::kCounter, name, Trace::now(), 0, value});
}

}  // namespace charrnn
