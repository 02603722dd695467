#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/named_enum.h"
#include "corpus/text_form.h"
#include "corpus/transcoder.h"

namespace charrnn {

/// What the files hold.
enum class TextFormat : std::uint8_t {
  kText,       ///< text, all of it
  kJsonLines,  ///< a JSON object a line, of which one field is text
  kCsv         ///< RFC 4180 with names in the first record; commas, tabs or semicolons
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<TextFormat>{"text", "jsonl", "csv"};

/// How text is taken out of records.
struct RecordForm {
  TextFormat format = TextFormat::kText;
  std::string field = {};             ///< its name in each record
  std::string end = {};               ///< what follows the text of each record, UTF-8
  Invalid invalid = Invalid::kError;  ///< kError: a bad record is refused; else it is left out

  bool any() const { return format != TextFormat::kText; }
};

/// The form that the options name. Throws Error(kConfig) when records cannot be read in that
/// encoding, or the field has no name.
RecordForm record_form(const CorpusOptions& options);

/// What ends a record whose documents are not told apart in another way: U+001E, the record
/// separator, which hardly any text holds.
inline constexpr const char* kRecordEnd = "\x1E";

/// Takes the text of one field out of records that come in pieces; each text is followed by
/// RecordForm::end. Memory holds one record at most, which may have kLongestRecord bytes. A bad
/// record is no JSON object or lacks the field as a string; it has another number of fields than
/// the first, or misplaced quotes; or it is too long. For one thread.
class RecordReader {
 public:
  static constexpr std::size_t kLongestRecord = std::size_t{64} << 20;

  virtual ~RecordReader() = default;

  /// Appends to `out` the text of the records that are complete now; of the rest too when `last`.
  /// Throws Error(kInput) with source, line and byte (of the text as UTF-8) for a bad record with
  /// Invalid::kError, and when a CSV file has no such column.
  virtual void feed(std::string_view text, bool last, std::string& out) = 0;

  /// Records that were left out, and the byte where the first of them begins.
  const InvalidSequences& invalid() const { return invalid_; }

 protected:
  InvalidSequences invalid_;
};

/// `name` is for messages. For a form with any().
std::unique_ptr<RecordReader> make_record_reader(const RecordForm& form, std::string name);

}  // namespace charrnn
