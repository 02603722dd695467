#include "pipeline/run/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/error.h"
#include "base/standard_error.h"

namespace charrnn {
namespace {

constexpr std::chrono::seconds kSameRequest{2};

bool ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t taken_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set, number);
  if (!ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGUSR2);  // from the destructor: ends the thread
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = taken_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // The write fails instead, and its error says which file it was.
  for (const int number : {SIGPIPE, SIGXFSZ}) signal(number, SIG_IGN);
  thread_ = std::thread([this] { take(); });
  pthread_setname_np(thread_.native_handle(), "signals");
}

StopSignal::~StopSignal() {
  ends_ = true;
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void StopSignal::take() {
  const sigset_t set = taken_signals();
  for (int number = 0; sigwait(&set, &number) == 0;) {
    if (ends_) return;
    if (number == SIGUSR2) continue;
    if (number == SIGWINCH) {
      resize();
    } else if (!reloads(number)) {
      request(number);
    }
  }
}

void StopSignal::request(int number) {
  const auto now = std::chrono::steady_clock::now();
  const std::string name = "SIG" + std::string(sigabbrev_np(number));
  if (requested_ && now - requested_at_ < kSameRequest) return;
  if (requested_) {
    tell(name + ": ended at once; what was saved before is intact");
    _exit(128 + SIGINT);
  }
  requested_at_ = now;
  {
    const std::lock_guard lock(mutex_);
    requested_ = true;
  }
  changed_.notify_all();
  tell(name +
       ": stopping; a training run is saved first. Another signal, 2 seconds from now or later, "
       "ends "
       "the program at once and loses what is not saved");
}

bool StopSignal::reloads(int number) {
  const std::lock_guard lock(mutex_);
  if (number != SIGHUP || !reload_) return false;
  reload_();
  return true;
}

void StopSignal::resize() {
  const std::lock_guard lock(mutex_);
  if (resized_) resized_();
}

void StopSignal::on_resize(std::function<void()> resized) {
  const std::lock_guard lock(mutex_);
  resized_ = std::move(resized);
}

void StopSignal::on_hangup(std::function<void()> reload) {
  const std::lock_guard lock(mutex_);
  reload_ = std::move(reload);
}

void StopSignal::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return requested_.load(); });
}

}  // namespace charrnn
