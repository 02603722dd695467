#include "corpus/corpus.h"

#include <algorithm>

#include "base/cache_folder.h"
#include "base/error.h"
#include "corpus/expansion.h"
#include "corpus/file_corpus.h"
#include "corpus/index_cache.h"
#include "corpus/sources.h"
#include "corpus/text_form.h"

namespace charrnn {
namespace {

// Below this an index takes less time than to keep it does.
constexpr std::uint64_t kKeptFrom = std::uint64_t{16} << 20;

struct FoundIndex {
  CorpusIndex index;
  bool from_cache = false;
  bool kept = false;
};

bool keep(const std::filesystem::path& file, const CorpusIndex& index) {
  std::uint64_t bytes = 0;
  for (const IndexedFile& indexed : index.files) bytes += indexed.bytes();
  if (bytes < kKeptFrom) return false;
  try {
    save_index(file, index);
    return true;
  } catch (const Error&) {
    // Without a place to keep it, the next run takes the time again.
    return false;
  }
}

// The index of sources that are read in place. One in the cache needs no look at each file's first
// bytes for a compression: it was none when they were indexed, and they are the same.
std::optional<FoundIndex> index_in_place(const std::vector<std::string>& sources,
                                         const TextForm& form, const std::filesystem::path& cache,
                                         const std::atomic<bool>* stop) {
  if (form.encoding == Encoding::kUtf16 || form.compose ||
      std::count(sources.begin(), sources.end(), kStandardInput) > 0) {
    return std::nullopt;
  }
  const IndexShape shape;
  const std::filesystem::path file =
      cache.empty() ? cache : index_file(cache, sources, form, shape);
  if (!cache.empty()) {
    if (auto kept = load_index(file, sources)) return FoundIndex{std::move(*kept), true, true};
  }
  std::optional<CorpusIndex> built = index_if_plain(sources, form, shape, stop);
  if (!built) return std::nullopt;
  FoundIndex found{std::move(*built)};
  found.kept = !cache.empty() && keep(file, found.index);
  return found;
}

// The index of files that sources were expanded to.
FoundIndex find_index(const std::vector<std::string>& paths, const TextForm& form,
                      const std::filesystem::path& cache, const std::atomic<bool>* stop) {
  const IndexShape shape;
  const std::filesystem::path file = index_file(cache, paths, form, shape);
  if (std::optional<CorpusIndex> kept = load_index(file, paths))
    return {std::move(*kept), true, true};
  FoundIndex built{build_index(paths, form, shape, stop)};
  built.kept = keep(file, built.index);
  return built;
}

std::uint64_t bytes_of(const CorpusIndex& index) {
  return index.characters.size() * sizeof(index.characters[0]) +
         index.blocks.size() * sizeof(BlockStart) + index.files.size() * sizeof(IndexedFile);
}

CorpusReport report_of(const FoundIndex& found, const std::vector<std::string>& sources,
                       const ExpandedSources& expanded) {
  CorpusReport report;
  report.index_bytes = bytes_of(found.index);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const IndexedFile& file = found.index.files[i];
    report.bytes += file.bytes();
    if (expanded.paths[i] != sources[i]) {
      ++report.expanded_files;
      report.expanded_bytes += file.bytes();
    }
    // What was expanded is well-formed now.
    const InvalidSequences invalid =
        file.invalid > 0 ? InvalidSequences{file.invalid, file.first_invalid} : expanded.invalid[i];
    if (invalid.count > 0 && report.invalid == 0) {
      report.first_invalid_file = sources[i];
      report.first_invalid_byte = invalid.first;
    }
    report.invalid += invalid.count;
  }
  report.index_from_cache = found.from_cache;
  report.index_kept = found.kept;
  return report;
}

}  // namespace

std::shared_ptr<const Corpus> Corpus::open(const CorpusOptions& options,
                                           const std::atomic<bool>* stop,
                                           const ChooseAlphabet& choose) {
  const TextForm form = text_form(options);
  const RecordForm records = record_form(options);
  const DocumentForm documents = document_form(options);
  const std::filesystem::path cache =
      options.cache_directory.empty() ? default_cache_folder() : options.cache_directory;
  const std::vector<std::string> sources = find_files(options.files, options.key, cache);
  ExpandedSources expanded;
  FoundIndex found;
  std::optional<FoundIndex> in_place;
  if (!records.any()) in_place = index_in_place(sources, form, cache, stop);
  if (in_place) {
    found = std::move(*in_place);
    expanded.paths = sources;
    expanded.invalid.resize(sources.size());
    expanded.form = form;
  } else {
    const ExpansionOptions folder{cache.empty() ? cache : cache / "text", options.cache_limit,
                                  records};
    expanded = expand_sources(sources, form, folder, stop);
    found = find_index(expanded.paths, expanded.form, cache, stop);
  }
  if (found.index.total_characters() == 0) {
    throw Error(ErrorKind::kInput, sources[0] + (sources.size() == 1 ? "" : " and the others") +
                                       ": empty; there is no text to learn from");
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (expanded.paths[i] == sources[i]) continue;
    found.index.files[i].source = sources[i] == kStandardInput ? "standard input" : sources[i];
  }
  CorpusReport report = report_of(found, sources, expanded);
  report.cache_folder = cache;
  Vocabulary alphabet =
      vocabulary_of(found.index, form.encoding == Encoding::kBytes, options.min_count);
  if (choose) alphabet = choose(std::move(alphabet));
  alphabet.set_reading(text_reading(options));
  return std::make_shared<FileCorpus>(std::move(found.index), expanded.form, std::move(alphabet),
                                      std::move(report), documents);
}

}  // namespace charrnn
