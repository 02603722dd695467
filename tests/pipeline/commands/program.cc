#include "tests/pipeline/commands/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace charrnn {
namespace {

std::filesystem::path temporary_file() {
  std::string name = (std::filesystem::temp_directory_path() / "charrnn-out-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) throw std::runtime_error("mkstemp failed");
  close(descriptor);
  return name;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments)
    : out_(temporary_file()), err_(temporary_file()) {
  std::vector<std::string> words{CHARRNN_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  start(std::move(words));
}

Program::Program(const std::vector<std::string>& arguments, const std::string& bash)
    : out_(temporary_file()), err_(temporary_file()) {
  std::vector<std::string> words{"/bin/bash", "-c", bash, CHARRNN_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  start(std::move(words));
}

void Program::start(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, out_.c_str(), O_WRONLY | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err_.c_str(), O_WRONLY | O_TRUNC, 0600);
  const int failed = posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove(out_);
  std::filesystem::remove(err_);
}

void Program::signal(int number) const { kill(pid_, number); }

bool Program::ended() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid != 0;
}

bool Program::wait_until(const std::function<bool()>& condition, double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    if (ended()) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

std::string Program::err() const { return read_file(err_); }

Finished Program::finish() {
  int status = 0;
  rusage usage{};
  wait4(pid_, &status, 0, &usage);
  pid_ = -1;
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = read_file(out_),
          .err = read_file(err_),
          .most_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
}

Finished run_program(const std::vector<std::string>& arguments) {
  return Program(arguments).finish();
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace charrnn
