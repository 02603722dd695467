#include "base/trace.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/trace_json.h"

namespace charrnn {
namespace {

constexpr std::size_t kBufferEvents = 16384;  // 640 KB a thread that traces
constexpr std::chrono::milliseconds kPause{200};

struct Buffer {
  std::mutex mutex;
  std::vector<Trace::Event> events;  // guarded by mutex, as is the next
  std::uint64_t dropped = 0;
  TraceThread thread;
};

// The buffers of all threads that ever traced and still run. Never destroyed: threads may note
// their last events while the process ends.
struct Buffers {
  std::mutex mutex;
  std::vector<std::shared_ptr<Buffer>> all;  // guarded by mutex
  std::condition_variable filling;
};

Buffers& buffers() {
  static auto* const kInstance = new Buffers;
  return *kInstance;
}

// Threads without a name of their own have that of the program.
std::string name_of_this_thread() {
  if (gettid() == getpid()) return "main";
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  const std::string program = program_invocation_short_name;
  return program.starts_with(name) ? "worker" : name;
}

std::shared_ptr<Buffer> new_buffer() {
  auto buffer = std::make_shared<Buffer>();
  buffer->thread = {gettid(), name_of_this_thread()};
  const std::lock_guard lock(buffers().mutex);
  buffers().all.push_back(buffer);
  return buffer;
}

}  // namespace

void Trace::note(const Event& event) {
  thread_local const std::shared_ptr<Buffer> kMine = new_buffer();
  bool filling = false;
  {
    const std::lock_guard lock(kMine->mutex);
    if (kMine->events.size() < kBufferEvents) {
      kMine->events.push_back(event);
    } else {
      ++kMine->dropped;
    }
    filling = kMine->events.size() == kBufferEvents / 2;
  }
  if (filling) buffers().filling.notify_one();
}

class Trace::Writer {
 public:
  explicit Writer(const std::filesystem::path& file)
      : file_(file),
        descriptor_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail("begin");
    if (!trouble_.empty())
      throw Error(ErrorKind::kIo, trouble_ + "; set run.trace to another file");
    forget_old_events();
    write(json_.begin(getpid()));
    tracing.store(true);
    thread_ = std::thread([this] { loop(); });
    pthread_setname_np(thread_.native_handle(), "trace");
  }

  ~Writer() {
    tracing.store(false);
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    buffers().filling.notify_all();
    thread_.join();
    write(json_.end(dropped_));
    close(descriptor_);
  }

  std::uint64_t events() const { return events_.load(std::memory_order_relaxed); }

  std::string trouble() const {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty() || dropped_ == 0) return trouble_;
    return std::to_string(dropped_) + " events came faster than they could be written to " +
           file_.string();
  }

 private:
  // What threads noted after the trace before this one had ended.
  static void forget_old_events() {
    const std::lock_guard lock(buffers().mutex);
    for (const auto& buffer : buffers().all) {
      const std::lock_guard buffer_lock(buffer->mutex);
      buffer->events.clear();
      buffer->dropped = 0;
    }
  }

  void loop() {
    bool last = false;
    while (!last) {
      {
        std::unique_lock lock(mutex_);
        if (!ends_) buffers().filling.wait_for(lock, kPause);
        last = ends_;
      }
      drain();
    }
  }

  void drain() {
    std::vector<std::shared_ptr<Buffer>> all;
    {
      const std::lock_guard lock(buffers().mutex);
      // A thread that ended has let go of its buffer.
      std::erase_if(buffers().all, [](const auto& buffer) {
        const std::lock_guard buffer_lock(buffer->mutex);
        return buffer.use_count() == 1 && buffer->events.empty();
      });
      all = buffers().all;
    }
    for (const auto& buffer : all) drain(*buffer);
  }

  void drain(Buffer& buffer) {
    spare_.clear();
    std::uint64_t dropped = 0;
    {
      const std::lock_guard lock(buffer.mutex);
      std::swap(spare_, buffer.events);
      dropped = std::exchange(buffer.dropped, 0);
    }
    if (spare_.empty()) return;
    write(json_.events(buffer.thread, spare_));
    events_.fetch_add(spare_.size(), std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    dropped_ += dropped;
  }

  void write(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size() && trouble_.empty()) {
      const ssize_t n = ::write(descriptor_, text.data() + done, text.size() - done);
      if (n > 0) done += static_cast<std::size_t>(n);
      if (n < 0 && errno != EINTR) fail("write");
    }
  }

  void fail(const char* what) {
    const std::lock_guard lock(mutex_);
    trouble_ =
        std::string("cannot ") + what + " the trace " + file_.string() + ": " + strerror(errno);
    tracing.store(false);
  }

  const std::filesystem::path file_;
  const int descriptor_;
  TraceJson json_;
  std::vector<Event> spare_;  // taken from a thread, which gets the emptied one before it
  std::atomic<std::uint64_t> events_{0};
  mutable std::mutex mutex_;
  bool ends_ = false;          // guarded by mutex_
  std::uint64_t dropped_ = 0;  // written by the writing thread under mutex_
  std::string trouble_;        // likewise
  std::thread thread_;
};

Trace::Trace(const std::filesystem::path& file) : writer_(std::make_unique<Writer>(file)) {}

Trace::~Trace() = default;

std::uint64_t Trace::events() const { return writer_->events(); }

std::string Trace::trouble() const { return writer_->trouble(); }

}  // namespace charrnn
