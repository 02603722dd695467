#include "nodes/metrics_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "corpus/error.h"

namespace charrnn {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& file) {
  throw Error(ExitCode::kIo, fmt::format("cannot {} {}: {}. Free disk space or choose another "
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

// Every whole record; a torn line and what follows it is left out.
std::vector<Line> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<Line> lines;
  for (std::string text; std::getline(in, text) && !in.eof();) {
    auto line = parse_line(text);
    if (!line) break;
    lines.push_back(std::move(*line));
  }
  return lines;
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
      r.step, r.epoch, r.characters, r.seconds, r.train_loss, r.characters_per_second,
      r.learning_rate, r.gradient_norm);
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
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("open", file_);
}

void MetricsLog::append(const std::string& record) { write_all(descriptor_, record + "\n", file_); }

void MetricsLog::sync() {
  if (::fdatasync(descriptor_) != 0) fail("sync", file_);
}

void MetricsLog::replace(const std::string& content) {
  const std::filesystem::path fresh = file_.string() + ".tmp";
  const int out = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) fail("open", fresh);
  write_all(out, content, fresh);
  if (::fsync(out) != 0) fail("sync", fresh);
  ::close(out);
  if (::rename(fresh.c_str(), file_.c_str()) != 0) fail("replace", file_);
  ::close(descriptor_);
  open();
}

void MetricsLog::rewind(std::uint64_t step, std::optional<std::uint64_t> pending_validation) {
  auto lines = read_lines(file_);
  std::erase_if(lines, [&](const Line& line) {
    return line.step > step || (line.validation && line.step == pending_validation);
  });
  replace(join(lines));
}

void MetricsLog::insert_after(std::uint64_t after, const ValidationResult& result) {
  auto lines = read_lines(file_);
  auto place = lines.begin();
  while (place != lines.end() && place->step <= after) ++place;
  lines.insert(place,
               {.text = validation_record(result) + "\n", .step = result.step, .validation = true});
  replace(join(lines));
}

}  // namespace charrnn
