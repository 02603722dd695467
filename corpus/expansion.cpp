#include "corpus/expansion.h"

#include <tbb/parallel_for.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "corpus/byte_stream.h"
#include "corpus/cache_folder.h"
#include "corpus/decompress.h"
#include "corpus/error.h"
#include "corpus/new_file.h"
#include "corpus/sources.h"
#include "corpus/transcoder.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 1 << 17;

/// What is written beside a text, so that it can be trusted and reported again.
struct TextNote {
  std::uint64_t bytes = 0;
  InvalidSequences invalid;
};

fs::path note_of(const fs::path& text) { return text.native() + ".note"; }

std::optional<TextNote> read_note(const fs::path& text) {
  std::ifstream in(note_of(text));
  TextNote note;
  if (!(in >> note.bytes >> note.invalid.count >> note.invalid.first)) return std::nullopt;
  std::error_code error;
  if (fs::file_size(text, error) != note.bytes || error) return std::nullopt;
  return note;
}

void write_note(const fs::path& text, const TextNote& note) {
  write_whole_file(note_of(text), std::to_string(note.bytes) + ' ' +
                                      std::to_string(note.invalid.count) + ' ' +
                                      std::to_string(note.invalid.first) + '\n');
}

bool is_compressed(const std::string& source) {
  std::array<char, kCompressionHead> head;
  const std::size_t size = InputFile(source).read(0, head.data(), head.size());
  return compression_of({head.data(), size}) != Compression::kNone;
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::uint64_t size = entry->file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

class Expander {
 public:
  Expander(const TextForm& form, const ExpansionOptions& options, const std::atomic<bool>* stop)
      : form_(form), options_(options), stop_(stop) {}

  ExpandedSources run(const std::vector<std::string>& sources);

 private:
  /// One source: the file to read, and what was ill-formed in it.
  struct Text {
    std::string path;
    InvalidSequences invalid;
  };

  Text expand(const std::string& source);
  Text expand_file(const std::string& source);
  Text expand_stream(std::unique_ptr<PeekStream> in, const std::string& source,
                     std::optional<fs::path> target);
  bool changes_text() const { return form_.encoding == Encoding::kUtf16 || form_.compose; }
  fs::path target_of(const std::string& source) const;
  void prepare_folder();
  void take_from_limit(std::uint64_t bytes, const std::string& source);
  void check_stop() const;

  TextForm form_;
  ExpansionOptions options_;
  const std::atomic<bool>* stop_;
  std::once_flag prepared_;
  std::uint64_t kept_ = 0;               // bytes in the folder before
  std::atomic<std::uint64_t> made_ = 0;  // bytes since
};

void Expander::check_stop() const {
  if (stop_ != nullptr && *stop_) throw Error(ExitCode::kInput, "stopped while expanding the text");
}

void Expander::prepare_folder() {
  std::call_once(prepared_, [&] {
    if (options_.folder.empty()) {
      throw Error(ExitCode::kConfig,
                  "there is no cache folder for expanded text: set corpus.cache_directory");
    }
    remove_abandoned_files(options_.folder);
    kept_ = bytes_in(options_.folder);
  });
}

void Expander::take_from_limit(std::uint64_t bytes, const std::string& source) {
  if (kept_ + (made_ += bytes) <= options_.limit) return;
  throw Error(ExitCode::kInput, source + ": expands to more than corpus.cache_limit allows, " +
                                    std::to_string(options_.limit) +
                                    " bytes, of which other texts in " + options_.folder.native() +
                                    " take " + std::to_string(kept_) +
                                    ": remove those, or raise the limit");
}

fs::path Expander::target_of(const std::string& source) const {
  const InputFile file(source);
  const FileStatus status = file.status();
  const SampledHash hash = file.sampled_hash(status.bytes);
  std::string key = fs::absolute(source).native();
  for (const std::uint64_t part :
       {status.bytes, static_cast<std::uint64_t>(status.modified_ns), hash.low, hash.high,
        static_cast<std::uint64_t>(form_.encoding), static_cast<std::uint64_t>(form_.invalid),
        std::uint64_t{form_.compose}}) {
    key += ' ' + std::to_string(part);
  }
  return options_.folder / (content_name(key) + ".txt");
}

Expander::Text Expander::expand(const std::string& source) {
  check_stop();
  if (source != kStandardInput) return expand_file(source);
  prepare_folder();
  auto in = std::make_unique<DescriptorStream>(STDIN_FILENO, "standard input");
  return expand_stream(std::make_unique<PeekStream>(std::move(in)), "standard input", std::nullopt);
}

Expander::Text Expander::expand_file(const std::string& source) {
  if (!changes_text() && !is_compressed(source)) return {source, {}};
  prepare_folder();
  const fs::path target = target_of(source);
  if (const std::optional<TextNote> note = read_note(target)) return {target, note->invalid};
  auto in = std::make_unique<PeekStream>(std::make_unique<FileStream>(source));
  return expand_stream(std::move(in), source, target);
}

/// Writes all of `in` to `target`, or to a name made of its content.
Expander::Text Expander::expand_stream(std::unique_ptr<PeekStream> in, const std::string& source,
                                       std::optional<fs::path> target) {
  const Compression compression = compression_of(in->peek(kCompressionHead));
  const std::unique_ptr<ByteStream> bytes = decompress(std::move(in), compression, source);
  const std::unique_ptr<Transcoder> transcoder =
      form_.single_byte() ? nullptr : make_transcoder(form_, source);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash(XXH3_createState(),
                                                                      XXH3_freeState);
  XXH3_128bits_reset(hash.get());
  NewFile file(target.value_or(options_.folder / "standard-input"));
  TextNote note;
  std::vector<char> chunk(kChunkBytes);
  std::string text;
  for (bool last = false; !last;) {
    check_stop();
    const std::string_view read(chunk.data(), bytes->read(chunk.data(), chunk.size()));
    last = read.empty();
    text.clear();
    if (transcoder) transcoder->feed(read, last, text);
    const std::string_view made = transcoder ? std::string_view(text) : read;
    take_from_limit(made.size(), source);
    file.write(made);
    note.bytes += made.size();
    XXH3_128bits_update(hash.get(), made.data(), made.size());
  }
  if (transcoder) note.invalid = transcoder->invalid();
  if (!target) {
    const XXH128_hash_t content = XXH3_128bits_digest(hash.get());
    const std::uint64_t words[] = {content.low64, content.high64};
    target = options_.folder /
             (content_name({reinterpret_cast<const char*>(words), sizeof words}) + ".txt");
  }
  write_note(*target, note);
  file.publish(*target);
  return {*target, note.invalid};
}

ExpandedSources Expander::run(const std::vector<std::string>& sources) {
  std::vector<Text> texts(sources.size());
  tbb::parallel_for(std::size_t{0}, sources.size(),
                    [&](std::size_t i) { texts[i] = expand(sources[i]); });
  ExpandedSources expanded;
  expanded.form = form_;
  expanded.form.compose = false;
  if (form_.encoding == Encoding::kUtf16) expanded.form.encoding = Encoding::kUtf8;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (texts[i].invalid.count > 0 && expanded.invalid == 0) {
      expanded.first_invalid_source = sources[i];
      expanded.first_invalid_byte = texts[i].invalid.first;
    }
    expanded.invalid += texts[i].invalid.count;
    expanded.paths.push_back(std::move(texts[i].path));
  }
  return expanded;
}

}  // namespace

ExpandedSources expand_sources(const std::vector<std::string>& sources, const TextForm& form,
                               const ExpansionOptions& options, const std::atomic<bool>* stop) {
  return Expander(form, options, stop).run(sources);
}

}  // namespace charrnn
