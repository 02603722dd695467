#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/new_file.h"
#include "base/standard_error.h"
#include "corpus/sources.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/initial_config.h"
#include "pipeline/config/options_table.h"

namespace charrnn {
namespace {

constexpr int kLookAgain = 100;  // milliseconds, for a stop

// A read goes on when a signal comes, so nothing is read before something is there.
void wait_for_answer(const std::atomic<bool>& stop) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (std::cin.rdbuf()->in_avail() <= 0 && ::poll(&input, 1, kLookAgain) <= 0) {
    if (stop) throw Stopped("init: nothing was written");
  }
}

// An answer without the blanks around it; nothing when there is none.
std::optional<std::string> answer_to(const std::string& question, const std::atomic<bool>& stop) {
  tell_record(question);
  wait_for_answer(stop);
  std::string line;
  if (!std::getline(std::cin, line)) throw Stopped("init: nothing was written");
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0; };
  line.erase(line.begin(), std::find_if_not(line.begin(), line.end(), blank));
  line.erase(std::find_if_not(line.rbegin(), line.rend(), blank).base(), line.end());
  if (line.empty()) return std::nullopt;
  return line;
}

std::vector<std::string> ask_for_text(const std::atomic<bool>& stop) {
  while (true) {
    const auto text =
        answer_to("1/3  Which text? A file, a folder, or a pattern such as texts/**/*.txt:", stop);
    if (!text) continue;
    try {
      find_files({*text});
      return {*text};
    } catch (const Error& error) {
      tell_record(error.what());
    }
  }
}

// A time as train.max_seconds takes it, or the word of a size.
bool take_size_or_time(const std::string& answer, InitialConfig& wanted) {
  if (const auto size = value_of<ModelSize>(answer)) {
    wanted.size = *size;
    return true;
  }
  try {
    Config read;
    read_value(*find_option("train.max_seconds"), {answer}, read);
    wanted.max_seconds = read.train.max_seconds;
    return wanted.max_seconds > 0;
  } catch (const BadValue&) {
    return false;
  }
}

void ask_for_size_or_time(InitialConfig& wanted, const std::atomic<bool>& stop) {
  while (true) {
    const auto answer = answer_to(
        "2/3  How long may it train (such as 10m or 2h), or how large shall the network be (small, "
        "medium, large)? [small]",
        stop);
    if (take_size_or_time(answer.value_or("small"), wanted)) return;
    tell_record("That is neither a time, such as 90s, 10m or 2h, nor small, medium or large.");
  }
}

void ask_for_rest(InitialConfig& wanted, const std::atomic<bool>& stop) {
  if (wanted.text.empty()) wanted.text = ask_for_text(stop);
  if (wanted.size == ModelSize::kAuto && wanted.max_seconds <= 0)
    ask_for_size_or_time(wanted, stop);
  if (!wanted.file.empty()) return;
  const auto name = initial_name(wanted.text);
  wanted.file =
      answer_to(fmt::format("3/3  Where shall the configuration be written? [{}]", name.string()),
                stop)
          .value_or(name.string());
}

void require_new(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return;
  throw Error(ErrorKind::kConfig,
              fmt::format("{} exists already, and init overwrites nothing; name another file: "
                          "--init.config=FILE",
                          file.string()));
}

}  // namespace

void init_command(const Config& config, StopSignal& stop) {
  InitialConfig wanted{.text = config.corpus.files,
                       .size = config.init.size,
                       .max_seconds = config.train.max_seconds,
                       .file = config.init.config};
  if (::isatty(STDIN_FILENO) != 0) ask_for_rest(wanted, stop.requested());
  if (wanted.text.empty()) {
    throw Error(ErrorKind::kConfig,
                "init asks on a terminal only; name the text: "
                "--corpus.files=FILE (more than once for more files)");
  }
  if (wanted.file.empty()) wanted.file = initial_name(wanted.text);
  require_new(wanted.file);
  find_files(wanted.text);
  wanted = settled(std::move(wanted));
  write_whole_file(wanted.file, initial_ini(wanted));
  tell(fmt::format("wrote {0}; now train: charrnn_pipeline --config {0}", wanted.file.string()));
}

}  // namespace charrnn
