#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "nodes/messages.h"

namespace charrnn {

/// One line of JSON of a training record, without the newline. Numbers are the shortest decimals
/// that read back as the same double.
std::string training_record(const StepReport& report);

/// One line of JSON of a validation record, without the newline.
std::string validation_record(const ValidationResult& result);

/// `metrics.jsonl` of a run: one record a line, appended as they come. One thread at a time.
class MetricsLog {
 public:
  /// Opens or makes the file. Throws Error(kIo) naming it when that fails.
  explicit MetricsLog(const std::filesystem::path& file);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  /// Takes back everything that the checkpoint of `step` does not know of: a torn last line,
  /// records of later steps, and the record of the validation that the checkpoint says is still to
  /// be written. Validation records of earlier steps stay, also where they stand behind later
  /// steps. Takes time and memory for these alone, however long the file is.
  void rewind(std::uint64_t step, std::optional<std::uint64_t> pending_validation);

  /// Appends a line. Throws Error(kIo), for example when the disk is full, or when the file's name
  /// has gone: somebody removed the run directory.
  void append(const std::string& record);

  /// Goes on in the file that has the name now; makes it where there is none. Throws Error(kIo).
  void reopen();

  /// Makes what was appended durable. Throws Error(kIo).
  void sync();

 private:
  // The last bytes of the file.
  struct Tail {
    std::uint64_t begin = 0;
    std::string text;
  };

  void require_in_place() const;
  std::uint64_t size() const;
  std::string read(std::uint64_t begin, std::uint64_t end) const;
  Tail behind(std::uint64_t step) const;
  void replace(const Tail& tail, const std::string& content);
  void rewrite(std::uint64_t begin, const std::string& content);
  void open();

  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace charrnn
