#include "pipeline/run/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"

namespace charrnn {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR2);  // from the destructor: ends the thread
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { take(); });
  pthread_setname_np(thread_.native_handle(), "signals");
}

StopSignal::~StopSignal() {
  ends_ = true;
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void StopSignal::take() {
  const sigset_t set = stop_signals();
  for (int number = 0; sigwait(&set, &number) == 0;) {
    if (ends_) return;
    if (number == SIGUSR2) continue;
    if (requested_) _exit(static_cast<int>(ExitCode::kInterrupted));
    const std::lock_guard lock(mutex_);
    requested_ = true;
    changed_.notify_all();
  }
}

void StopSignal::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return requested_.load(); });
}

}  // namespace charrnn
