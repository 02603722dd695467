#include "corpus/records.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {
namespace {

namespace json = boost::json;

// Where a record begins.
struct Place {
  std::uint64_t line = 1;
  std::uint64_t byte = 0;
};

// What both formats do with good and bad records.
class Reader : public RecordReader {
 protected:
  Reader(RecordForm form, std::string name) : form_(std::move(form)), name_(std::move(name)) {}

  void give(std::string_view text, std::string& out) const {
    out += text;
    out += form_.end;
  }

  void refuse(const Place& place, const std::string& fault) {
    if (form_.invalid == Invalid::kError) {
      throw Error(ErrorKind::kInput, name_ + ": line " + std::to_string(place.line) + ", byte " +
                                         std::to_string(place.byte) + ": " + fault +
                                         ". Mend the record, or set corpus.invalid = skip to leave "
                                         "out such records");
    }
    if (invalid_.count++ == 0) invalid_.first = place.byte;
  }

  const RecordForm form_;
  const std::string name_;
};

class JsonLines : public Reader {
 public:
  JsonLines(const RecordForm& form, std::string name) : Reader(form, std::move(name)) {}

  void feed(std::string_view text, bool last, std::string& out) override {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view part = text.substr(0, end);
      size_ += part.size();
      if (size_ <= kLongestRecord) line_ += part;
      if (end == text.npos) break;
      end_line(out);
      text.remove_prefix(end + 1);
    }
    if (last && size_ > 0) end_line(out);
  }

 private:
  void end_line(std::string& out) {
    if (size_ > kLongestRecord) {
      refuse(place_, "the record is longer than 64 MiB");
    } else if (line_.find_first_not_of(" \t\r") != line_.npos) {
      read(out);
    }
    place_ = {place_.line + 1, place_.byte + size_ + 1};
    line_.clear();
    size_ = 0;
  }

  void read(std::string& out) {
    boost::system::error_code error;
    const json::value value = json::parse({line_.data(), line_.size()}, error);
    if (error) return refuse(place_, "no JSON: " + error.message());
    if (!value.is_object()) return refuse(place_, "no JSON object");
    const json::value* field = value.get_object().if_contains(form_.field);
    if (field == nullptr) return refuse(place_, "it has no field \"" + form_.field + "\"");
    if (!field->is_string()) return refuse(place_, "\"" + form_.field + "\" is no string");
    give(std::string_view(field->get_string()), out);
  }

  std::string line_;
  std::size_t size_ = 0;  // of the line, more than what is kept of it when it is too long
  Place place_;
};

class Csv : public Reader {
 public:
  Csv(const RecordForm& form, std::string name) : Reader(form, std::move(name)) {}

  void feed(std::string_view text, bool last, std::string& out) override {
    for (const char c : text) {
      ++bytes_;
      if (c == '\n') ++lines_;
      take(c, out);
    }
    if (!last) return;
    if (state_ == State::kQuoted) fault_ = "a quote is not closed";
    if (bytes_ > place_.byte) end_record(out);
  }

 private:
  enum class State { kBegin, kPlain, kQuoted, kQuoteInQuoted };

  void take(char c, std::string& out) {
    if (state_ == State::kQuoted) {
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        add(c);
      }
    } else if (c == '"' && state_ != State::kPlain) {
      if (state_ == State::kQuoteInQuoted) add(c);  // two quotes stand for one
      state_ = State::kQuoted;
    } else if (c == '\n') {
      end_record(out);
    } else if (ends_field(c)) {
      end_field();
    } else if (c != '\r') {
      if (state_ == State::kQuoteInQuoted) fault_ = "text follows a closing quote";
      state_ = State::kPlain;
      add(c);
    } else if (state_ == State::kPlain) {
      held_return_ = true;  // belongs to the text unless the record ends here
    }
  }

  // The first comma, tab or semicolon of the header is what separates fields in this file.
  bool ends_field(char c) {
    if (delimiter_ == '\0' && (c == ',' || c == '\t' || c == ';')) delimiter_ = c;
    return c == delimiter_ && delimiter_ != '\0';
  }

  void add(char c) {
    if (std::exchange(held_return_, false)) add('\r');
    if (header_ || fields_ == column_) {
      if (text_.size() < kLongestRecord) {
        text_ += c;
      } else {
        fault_ = "the record is longer than 64 MiB";
      }
    }
  }

  void end_field() {
    held_return_ = false;
    if (header_) {
      names_.push_back(std::exchange(text_, {}));
    } else if (fields_ == column_) {
      wanted_ = std::exchange(text_, {});
    }
    ++fields_;
    state_ = State::kBegin;
  }

  void end_record(std::string& out) {
    const bool blank = fields_ == 0 && text_.empty() && state_ == State::kBegin;
    if (!blank) end_field();
    if (!blank && header_) {
      find_column();
    } else if (!blank) {
      end_row(out);
    }
    place_ = {lines_ + 1, bytes_};
    fields_ = 0;
    wanted_.clear();
    fault_ = nullptr;
  }

  void end_row(std::string& out) {
    if (fault_ != nullptr) return refuse(place_, fault_);
    if (fields_ != names_.size()) {
      return refuse(place_, "it has " + std::to_string(fields_) + " fields, and the first record " +
                                std::to_string(names_.size()));
    }
    give(wanted_, out);
  }

  void find_column() {
    header_ = false;
    const auto found = std::ranges::find(names_, form_.field);
    if (found == names_.end()) {
      std::string all;
      for (const auto& name : names_) all += (all.empty() ? "" : ", ") + name;
      throw Error(ErrorKind::kInput, name_ + ": it has no column \"" + form_.field +
                                         "\"; set corpus.field to one of: " + all);
    }
    column_ = static_cast<std::size_t>(found - names_.begin());
  }

  State state_ = State::kBegin;
  char delimiter_ = '\0';
  bool header_ = true;  // the first record is read
  bool held_return_ = false;
  std::vector<std::string> names_;
  std::size_t column_ = 0;
  std::size_t fields_ = 0;  // of this record that are over
  std::string text_;        // of this field
  std::string wanted_;
  const char* fault_ = nullptr;  // of this record
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  Place place_;
};

// What follows a record, so that the documents of the text are told apart there.
std::string end_of_record(const CorpusOptions& options) {
  switch (options.documents) {
    case DocumentEnd::kNone:
      return kRecordEnd;
    case DocumentEnd::kBlankLine:
      return "\n\n";
    case DocumentEnd::kSeparator:
      return options.separator;
    default:
      return "\n";
  }
}

}  // namespace

RecordForm record_form(const CorpusOptions& options) {
  if (options.format == TextFormat::kText) return {};
  const std::string format(word_of(options.format));
  if (options.encoding != Encoding::kUtf8 && options.encoding != Encoding::kUtf16) {
    throw Error(ErrorKind::kConfig, "corpus.format = " + format +
                                        " needs corpus.encoding = utf-8 or utf-16; convert the "
                                        "files with iconv");
  }
  if (options.field.empty()) {
    throw Error(ErrorKind::kConfig,
                "corpus.format = " + format + " needs the name of a field: set corpus.field");
  }
  return {options.format, options.field, end_of_record(options), options.invalid};
}

std::unique_ptr<RecordReader> make_record_reader(const RecordForm& form, std::string name) {
  if (form.format == TextFormat::kJsonLines) {
    return std::make_unique<JsonLines>(form, std::move(name));
  }
  return std::make_unique<Csv>(form, std::move(name));
}

}  // namespace charrnn
