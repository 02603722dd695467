#include "nodes/metrics_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/new_file.h"

namespace charrnn {
namespace {

// Bytes that are read at once.
constexpr std::uint64_t kReach = 1 << 16;

[[noreturn]] void fail(const char* what, const std::filesystem::path& file) {
  throw Error(ErrorKind::kIo, fmt::format("cannot {} {}: {}. Free disk space or choose another "
                                          "run.directory; the checkpoints are intact",
                                          what, file.string(), std::strerror(errno)));
}

void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", file);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct Line {
  std::string text;  // with its newline
  std::uint64_t step = 0;
  bool validation = false;
};

std::optional<Line> parse_line(const std::string& text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto* step = value.as_object().if_contains("step");
  if (step == nullptr) return std::nullopt;
  const auto number = step->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  return Line{.text = text + "\n",
              .step = number,
              .validation = value.as_object().contains("validation_loss")};
}

// The records of `text`, which begins with one. A torn line and what follows it is left out.
std::vector<Line> parse_lines(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
    auto line = parse_line(std::string(text.substr(0, end)));
    if (!line) break;
    lines.push_back(std::move(*line));
  }
  return lines;
}

// Where the line begins that ends (behind its newline) at `end`.
std::size_t line_begin(std::string_view text, std::size_t end) {
  const std::size_t newline = end < 2 ? text.npos : text.rfind('\n', end - 2);
  return newline == text.npos ? 0 : newline + 1;
}

// Where the last training record of a step up to `step` ends; nothing when there is none.
std::optional<std::size_t> end_of_step(std::string_view text, std::uint64_t step) {
  for (std::size_t end = text.rfind('\n') + 1; end > 0;) {
    const std::size_t begin = line_begin(text, end);
    const auto line = parse_line(std::string(text.substr(begin, end - begin - 1)));
    if (line && !line->validation && line->step <= step) return end;
    end = begin;
  }
  return std::nullopt;
}

std::string join(const std::vector<Line>& lines) {
  std::string content;
  for (const Line& line : lines) content += line.text;
  return content;
}

}  // namespace

std::string training_record(const StepReport& r) {
  return fmt::format(
      R"({{"step":{},"epoch":{},"chars":{},"seconds":{:.3f},"train_loss":{},"chars_per_second":{:.1f},)"
      R"("learning_rate":{},"gradient_norm":{}}})",
      r.progress.step, r.progress.epoch, r.progress.characters, r.progress.seconds,
      r.progress.train_loss.value(), r.characters_per_second, r.progress.learning_rate,
      r.gradient_norm);
}

std::string validation_record(const ValidationResult& r) {
  return fmt::format(
      R"({{"step":{},"validation_loss":{},"validation_chars":{},"validation_seconds":{:.3f}}})",
      r.step, r.loss, r.characters, r.seconds);
}

MetricsLog::MetricsLog(const std::filesystem::path& file) : file_(file) { open(); }

MetricsLog::~MetricsLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void MetricsLog::open() {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("open", file_);
}

void MetricsLog::append(const std::string& record) {
  require_in_place();
  write_all(descriptor_, record + "\n", file_);
}

// A file whose name is gone takes what is written, and nobody ever sees it.
void MetricsLog::require_in_place() const {
  struct stat ours {
  }, there{};
  if (::fstat(descriptor_, &ours) != 0) fail("look at", file_);
  const bool found = ::stat(file_.c_str(), &there) == 0;
  if (found && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) return;
  throw Error(ErrorKind::kIo, fmt::format("{} was removed, moved or replaced while the run trained",
                                          file_.string()));
}

void MetricsLog::sync() {
  if (::fdatasync(descriptor_) != 0) fail("sync", file_);
}

std::uint64_t MetricsLog::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("look at", file_);
  return static_cast<std::uint64_t>(status.st_size);
}

std::string MetricsLog::read(std::uint64_t begin, std::uint64_t end) const {
  std::string text(end - begin, '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t got = ::pread(descriptor_, text.data() + done, text.size() - done,
                                static_cast<off_t>(begin + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("read", file_);
    done += static_cast<std::size_t>(got);
  }
  return text;
}

// The steps of training records ascend, so it is looked for from the end: a long run has many
// records.
MetricsLog::Tail MetricsLog::behind(std::uint64_t step) const {
  const std::uint64_t bytes = size();
  for (std::uint64_t reach = kReach;; reach *= 2) {
    const std::uint64_t from = bytes - std::min(bytes, reach);
    std::string text = read(from, bytes);
    const auto end = end_of_step(text, step);
    if (end || from == 0) return {from + end.value_or(0), text.substr(end.value_or(0))};
  }
}

void MetricsLog::replace(const Tail& tail, const std::string& content) {
  if (!tail.text.starts_with(content)) return rewrite(tail.begin, content);
  if (::ftruncate(descriptor_, static_cast<off_t>(tail.begin + content.size())) != 0) {
    fail("shorten", file_);
  }
}

void MetricsLog::rewrite(std::uint64_t begin, const std::string& content) {
  NewFile fresh(file_);
  for (std::uint64_t at = 0; at < begin; at += kReach) {
    fresh.write(read(at, std::min(begin, at + kReach)));
  }
  fresh.write(content);
  fresh.publish();
  reopen();
}

void MetricsLog::reopen() {
  ::close(descriptor_);
  open();
}

void MetricsLog::rewind(std::uint64_t step, std::optional<std::uint64_t> pending_validation) {
  const Tail tail = behind(step);
  auto lines = parse_lines(tail.text);
  std::erase_if(lines, [&](const Line& line) {
    return line.step > step || (line.validation && line.step == pending_validation);
  });
  replace(tail, join(lines));
}

}  // namespace charrnn
