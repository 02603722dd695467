#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace charrnn {

/// Whether the program was built with libtorch.
inline constexpr bool kWithTorch = CHARRNN_WITH_TORCH != 0;

/// What a finished program left.
struct Finished {
  int code = -1;                  ///< exit code; 128 + number when a signal ended it
  std::string out;                ///< standard output
  std::string err;                ///< standard error
  std::uint64_t most_memory = 0;  ///< bytes that it had in memory at most
};

/// The real `charrnn_pipeline` as a process of its own, started with these arguments. Killed when
/// this object goes.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments);

  /// The same, started by this line of bash, in which `"$0" "$@"` stands for the program and its
  /// arguments: `exec "$0" "$@" 2>&-`.
  Program(const std::vector<std::string>& arguments, const std::string& bash);

  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  pid_t pid() const { return pid_; }

  /// Waits until `condition` holds or the program has ended; looks every millisecond. False: it
  /// ended, or `seconds` passed.
  bool wait_until(const std::function<bool()>& condition, double seconds = 60) const;

  /// What it has written to standard error so far.
  std::string err() const;

  /// Waits for its end.
  Finished finish();

 private:
  void start(std::vector<std::string> words);
  bool ended() const;

  pid_t pid_ = -1;
  std::filesystem::path out_;
  std::filesystem::path err_;
};

/// Runs it to its end.
Finished run_program(const std::vector<std::string>& arguments);

/// All bytes of a file; empty when it is missing.
std::string read_file(const std::filesystem::path& file);

/// Lines of a file.
std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace charrnn
