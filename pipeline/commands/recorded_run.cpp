#include "pipeline/commands/recorded_run.h"

#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/new_file.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kMostPoints = 4000;

struct Point {
  double step = 0;
  double seconds = 0;
  double chars = 0;
  double loss = 0;
};

// A column of points that never grows too long: when it is full, two neighbours become one, and so
// does what comes.
class Curve {
 public:
  void add(const Point& point) {
    sum_ += point.loss;
    last_ = point;
    if (++pending_ == each_) settle();
    if (points_.size() == kMostPoints) halve();
  }

  json::object columns() {
    if (pending_ > 0) settle();
    json::array step, seconds, chars, loss;
    for (const Point& point : points_) {
      step.emplace_back(point.step);
      seconds.emplace_back(point.seconds);
      chars.emplace_back(point.chars);
      loss.push_back(std::isfinite(point.loss) ? json::value(point.loss) : json::value());
    }
    return {{"step", step}, {"seconds", seconds}, {"chars", chars}, {"loss", loss}};
  }

  const Point& last() const { return last_; }

 private:
  void settle() {
    last_.loss = sum_ / static_cast<double>(pending_);
    points_.push_back(last_);
    sum_ = 0;
    pending_ = 0;
  }

  void halve() {
    for (std::size_t i = 0; i < points_.size() / 2; ++i) {
      const double loss = (points_[2 * i].loss + points_[2 * i + 1].loss) / 2;
      points_[i] = points_[2 * i + 1];
      points_[i].loss = loss;
    }
    points_.resize(points_.size() / 2);
    each_ *= 2;
  }

  std::vector<Point> points_;
  Point last_;
  double sum_ = 0;
  std::uint64_t pending_ = 0;
  std::uint64_t each_ = 1;  // records of a point
};

// Nothing where the record has no such number: a loss that is not one is null.
double number(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  boost::system::error_code error;
  const double number = value != nullptr ? value->to_number<double>(error) : 0;
  return value == nullptr || error ? std::numeric_limits<double>::quiet_NaN() : number;
}

struct Curves {
  Curve train;
  Curve validation;
  json::object last;

  void take(const json::object& record) {
    if (record.contains("train_loss")) {
      last = record;
      train.add({number(record, "step"), number(record, "seconds"), number(record, "chars"),
                 number(record, "train_loss")});
    } else if (record.contains("validation_loss")) {
      // A validation tells its step alone.
      validation.add({number(record, "step"), train.last().seconds, train.last().chars,
                      number(record, "validation_loss")});
    }
  }
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

json::value status_of(const fs::path& file) {
  boost::system::error_code error;
  json::value status = json::parse(text_of(file), error);
  return error ? json::value() : status;
}

Curves curves_of(const fs::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(ErrorKind::kIo, "cannot read " + file.string() +
                                    ": there is no training run in this folder; name one, or set "
                                    "run.directory");
  }
  Curves curves;
  std::string line;
  while (std::getline(in, line)) {
    boost::system::error_code error;
    const json::value record = json::parse(line, error);
    if (!error && record.is_object()) curves.take(record.get_object());
  }
  if (curves.last.empty()) {
    throw Error(ErrorKind::kIo, file.string() + " holds no record of a training step yet");
  }
  return curves;
}

// As Linux names it; empty where it does not.
std::string processor() {
  constexpr std::string_view kName = "model name";
  std::ifstream in("/proc/cpuinfo");
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(kName) && colon != line.npos) return line.substr(colon + 2);
  }
  return "";
}

}  // namespace

json::object recorded_run(const fs::path& directory) {
  Curves curves = curves_of(directory / "metrics.jsonl");
  return {{"name", directory.lexically_normal().string()},
          {"config", text_of(directory / "config.ini")},
          {"last", curves.last},
          {"status", status_of(directory / "status.json")},
          {"train", curves.train.columns()},
          {"validation", curves.validation.columns()}};
}

void record_end(const fs::path& directory, const std::string& status, const json::object& more) {
  json::object machine = {{"processor", processor()}, {"program", CHARRNN_VERSION}};
  machine.insert(more.begin(), more.end());
  json::object record = json::parse(status).as_object();
  record["machine"] = machine;
  write_whole_file(directory / "status.json", json::serialize(record) + "\n");
}

}  // namespace charrnn
