#include "pipeline/commands/written_text.h"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/run/backend_choice.h"
#include "serve/server.h"
#include "serve/service.h"

namespace charrnn {
namespace {

constexpr std::size_t kLongestPrompt = 16 << 20;

// The samples in their order: the first that has not ended as it is made, those behind it later.
class SampleText {
 public:
  explicit SampleText(const GenerateOptions& options)
      : options_(options), texts_(options.samples) {}

  void add(const SamplePiece& piece) {
    Text& text = texts_[static_cast<std::size_t>(piece.sample)];
    text.waiting += piece.text;
    text.finish_reason = piece.finish_reason;
    for (; at_ < texts_.size(); ++at_) {
      give(texts_[at_]);
      if (texts_[at_].finish_reason.empty()) return;
      end(texts_[at_]);
    }
  }

  /// Writes what was made so far of the sample that is being written.
  void cut_off() {
    if (!lines() && at_ < texts_.size() && begun_) out_.add("\n");
    out_.flush();
  }

 private:
  struct Text {
    std::string waiting;
    std::string_view finish_reason;  // empty while it goes on
  };
  bool lines() const { return options_.format == SampleFormat::kJsonLines; }

  // The prompt comes first, but only once it is known to be valid.
  void give(Text& text) {
    if (lines()) return;
    if (!begun_) out_.add((at_ == 0 ? "" : "---\n") + options_.prompt);
    begun_ = true;
    out_.add(std::exchange(text.waiting, {}));
  }

  void end(Text& text) {
    begun_ = false;
    if (lines()) {
      out_.add(boost::json::serialize(boost::json::object{{"sample", at_},
                                                          {"prompt", options_.prompt},
                                                          {"text", text.waiting},
                                                          {"finish_reason", text.finish_reason},
                                                          {"seed", *options_.seed}}));
    }
    out_.add("\n");
    if (at_ + 1 == texts_.size()) out_.flush();
  }

  const GenerateOptions& options_;
  PacedOutput out_;
  std::vector<Text> texts_;
  std::size_t at_ = 0;  // the sample that is written
  bool begun_ = false;
};

// As it stands in the file; one newline at its end is that of the file.
std::string read_prompt(const std::filesystem::path& file) {
  const std::string name = file == "-" ? "/dev/stdin" : file.string();
  std::ifstream in(name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in || text.size() > kLongestPrompt) {
    throw Error(ErrorKind::kUsage,
                "cannot read generate.prompt_file = " + file.string() +
                    ": it must be a file, or - for standard input, of at most 16 MiB");
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

GenerateOptions settled(GenerateOptions options) {
  if (!options.prompt_file.empty()) options.prompt = read_prompt(options.prompt_file);
  options.prompt_file.clear();
  if (!options.seed) options.seed = drawn_seed();
  return options;
}

void write_text(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop) {
  const GenerateOptions options = settled(config.generate);
  SampleText text(options);
  const std::function<bool(const SamplePiece&)> write = [&](const SamplePiece& piece) {
    text.add(piece);
    return !stop;
  };
  try {
    generate(snapshot, options, write,
             {.threads = serving_threads(config), .weights = config.serve.weights});
  } catch (const Error&) {
    text.cut_off();  // what was made before is not lost
    throw;
  }
  text.cut_off();
}

}  // namespace charrnn
