#include "corpus/expansion.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/cache_folder.h"
#include "base/error.h"
#include "base/new_file.h"
#include "corpus/byte_stream.h"
#include "corpus/decompress.h"
#include "corpus/file_kind.h"
#include "corpus/source_text.h"
#include "corpus/sources.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 1 << 17;
constexpr char kDoing[] = "expanding the text";

// Each may take as much memory as decompress() allows.
constexpr int kAtOnce = 4;

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
  write_whole_file(note_of(text),
                   std::to_string(note.bytes) + ' ' + std::to_string(note.invalid.count) + ' ' +
                       std::to_string(note.invalid.first) + '\n',
                   FileKind::kCache);
}

std::string head_of(const std::string& source) {
  std::string head(kKindHead, '\0');
  head.resize(InputFile(source).read(0, head.data(), head.size()));
  return head;
}

void require_text(std::string_view head, Encoding encoding, const std::string& source) {
  if (const auto kind = wrong_kind(head, encoding)) {
    throw Error(ErrorKind::kInput, source + ": " + *kind);
  }
}

/// What the texts in the folder take.
struct Kept {
  std::uint64_t bytes = 0;
  std::uint64_t largest = 0;
};

// What another process is writing now is counted once it has its name: it may be the same text.
Kept kept_in(const fs::path& folder) {
  Kept kept;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_unpublished(entry->path())) continue;
    std::error_code gone;
    const std::uint64_t size = entry->file_size(gone);
    if (gone) continue;
    kept.bytes += size;
    kept.largest = std::max(kept.largest, size);
  }
  return kept;
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

  std::vector<Text> expand_all(const std::vector<std::string>& sources);
  Text expand(const std::string& source);
  Text expand_file(const std::string& source);
  Text expand_stream(std::unique_ptr<ByteStream> in, const std::string& source,
                     std::optional<fs::path> target, const InputFile* file);
  bool changes_text() const {
    return form_.encoding == Encoding::kUtf16 || form_.compose || options_.records.any();
  }
  fs::path target_of(const InputFile& source) const;
  void prepare_folder();
  bool within_limit() const { return kept_.bytes + made_ <= options_.limit; }
  [[noreturn]] void fail_limit(const std::string& source) const;

  TextForm form_;
  ExpansionOptions options_;
  const std::atomic<bool>* stop_;
  std::once_flag prepared_;
  Kept kept_;                            // in the folder before
  std::atomic<std::uint64_t> made_ = 0;  // bytes since
};

void Expander::prepare_folder() {
  std::call_once(prepared_, [&] {
    if (options_.folder.empty()) {
      throw Error(ErrorKind::kConfig,
                  "there is no cache folder for expanded text: set corpus.cache_directory");
    }
    remove_abandoned_files(options_.folder);
    kept_ = kept_in(options_.folder);
  });
}

void Expander::fail_limit(const std::string& source) const {
  throw Error(ErrorKind::kInput, source + ": expands to more than corpus.cache_limit allows, " +
                                     std::to_string(options_.limit) +
                                     " bytes, of which other texts in " + options_.folder.native() +
                                     " take " + std::to_string(kept_.bytes) +
                                     ": remove those, or raise the limit");
}

fs::path Expander::target_of(const InputFile& source) const {
  const FileStatus& status = source.opened();
  const SampledHash hash = source.sampled_hash(status.bytes);
  // A link and what it leads to are one text.
  std::error_code error;
  const fs::path place = fs::canonical(source.path(), error);
  std::string key = (error ? fs::absolute(source.path()) : place).native();
  for (const std::uint64_t part :
       {status.bytes, static_cast<std::uint64_t>(status.modified_ns), hash.low, hash.high,
        static_cast<std::uint64_t>(form_.encoding), static_cast<std::uint64_t>(form_.invalid),
        std::uint64_t{form_.compose}}) {
    key += ' ' + std::to_string(part);
  }
  const RecordForm& records = options_.records;
  if (records.any()) {
    key.append(" ").append(word_of(records.format)).append(" ").append(records.field);
    key.append("\n").append(records.end);
  }
  return options_.folder / (content_name(key) + ".txt");
}

// Without a word a program that waits for a person looks as if it hung.
void tell_that_it_waits() {
  constexpr std::string_view kLine =
      "reading the text from the keyboard: type it, and end it with Ctrl-D on a line of its own\n";
  if (isatty(STDIN_FILENO) == 0) return;
  if (::write(STDERR_FILENO, kLine.data(), kLine.size()) < 0) return;  // nobody is there to read it
}

Expander::Text Expander::expand(const std::string& source) {
  check_stop(stop_, kDoing);
  if (source != kStandardInput) return expand_file(source);
  prepare_folder();
  tell_that_it_waits();
  auto in = std::make_unique<DescriptorStream>(STDIN_FILENO, "standard input", stop_);
  return expand_stream(std::move(in), "standard input", std::nullopt, nullptr);
}

Expander::Text Expander::expand_file(const std::string& source) {
  if (!changes_text()) {
    const std::string head = head_of(source);
    if (compression_of(head) == Compression::kNone) {
      require_text(head, form_.encoding, source);
      return {source, {}};
    }
  }
  prepare_folder();
  auto in = std::make_unique<FileStream>(source);
  const InputFile& file = in->file();
  const fs::path target = target_of(file);
  if (const std::optional<TextNote> note = read_note(target)) return {target, note->invalid};
  return expand_stream(std::move(in), source, target, &file);
}

/// Writes all of `in` to `target`, or to a name made of its content. `file`: what `in` reads, if it
/// is one; the target stands for it as it was when it was opened.
Expander::Text Expander::expand_stream(std::unique_ptr<ByteStream> in, const std::string& source,
                                       std::optional<fs::path> target, const InputFile* file) {
  auto peek = std::make_unique<PeekStream>(std::move(in));
  const Compression compression = compression_of(peek->peek(kCompressionHead));
  const auto bytes = std::make_unique<PeekStream>(decompress(std::move(peek), compression, source));
  require_text(bytes->peek(kKindHead), form_.encoding, source);
  SourceText text(form_, options_.records, source);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash(XXH3_createState(),
                                                                      XXH3_freeState);
  XXH3_128bits_reset(hash.get());
  NewFile fresh(target.value_or(options_.folder / "standard-input"), FileKind::kCache);
  TextNote note;
  std::vector<char> chunk(kChunkBytes);
  for (bool last = false; !last;) {
    check_stop(stop_, kDoing);
    const std::string_view read(chunk.data(), bytes->read(chunk.data(), chunk.size()));
    last = read.empty();
    const std::string_view made = text.feed(read, last);
    note.bytes += made.size();
    made_ += made.size();
    // What comes from standard input is known by all of it: it may be a text that is there.
    if (!within_limit() && (target || note.bytes > kept_.largest)) fail_limit(source);
    fresh.write(made);
    XXH3_128bits_update(hash.get(), made.data(), made.size());
  }
  note.invalid = text.invalid();
  if (file != nullptr && file->status() != file->opened()) {
    throw Error(ErrorKind::kInput, source + ": changed while it was expanded; start again");
  }
  if (!target) {
    const XXH128_hash_t content = XXH3_128bits_digest(hash.get());
    const std::uint64_t words[] = {content.low64, content.high64};
    target = options_.folder /
             (content_name({reinterpret_cast<const char*>(words), sizeof words}) + ".txt");
  }
  // A text that is there stays: a running training may read it.
  if (read_note(*target)) {
    made_ -= note.bytes;
    return {*target, note.invalid};
  }
  if (!within_limit()) fail_limit(source);
  write_note(*target, note);
  fresh.publish(*target);
  return {*target, note.invalid};
}

/// For each source the place of the first one that is the same file.
std::vector<std::size_t> first_places(const std::vector<std::string>& sources) {
  std::map<std::string, std::size_t> known;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    std::error_code error;
    const fs::path place = fs::canonical(sources[i], error);
    places.push_back(known.emplace(error ? sources[i] : place.native(), i).first->second);
  }
  return places;
}

// Of several failures the first source's is told, whichever came first. A file that is named twice
// is expanded once.
std::vector<Expander::Text> Expander::expand_all(const std::vector<std::string>& sources) {
  std::vector<Text> texts(sources.size());
  const std::vector<std::size_t> first = first_places(sources);
  std::vector<std::exception_ptr> failures(sources.size());
  std::atomic<std::size_t> first_failed = sources.size();
  tbb::task_arena(std::min(kAtOnce, tbb::this_task_arena::max_concurrency())).execute([&] {
    tbb::parallel_for(std::size_t{0}, sources.size(), [&](std::size_t i) {
      try {
        if (i < first_failed && first[i] == i) texts[i] = expand(sources[i]);
      } catch (...) {
        failures[i] = std::current_exception();
        std::size_t known = first_failed;
        while (i < known && !first_failed.compare_exchange_weak(known, i)) {
        }
      }
    });
  });
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const bool expanded = texts[first[i]].path != sources[first[i]];
    if (first[i] != i) texts[i] = expanded ? texts[first[i]] : Text{sources[i], {}};
  }
  return texts;
}

ExpandedSources Expander::run(const std::vector<std::string>& sources) {
  std::vector<Text> texts = expand_all(sources);
  ExpandedSources expanded;
  expanded.form = form_;
  expanded.form.compose = false;
  if (form_.encoding == Encoding::kUtf16) expanded.form.encoding = Encoding::kUtf8;
  for (Text& text : texts) {
    expanded.invalid.push_back(text.invalid);
    expanded.paths.push_back(std::move(text.path));
  }
  return expanded;
}

}  // namespace

ExpandedSources expand_sources(const std::vector<std::string>& sources, const TextForm& form,
                               const ExpansionOptions& options, const std::atomic<bool>* stop) {
  return Expander(form, options, stop).run(sources);
}

}  // namespace charrnn
