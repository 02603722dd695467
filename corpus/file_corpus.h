#pragma once

#include <string>
#include <vector>

#include "corpus/byte_scan.h"
#include "corpus/corpus.h"
#include "corpus/index.h"
#include "corpus/open_files.h"
#include "corpus/symbol_table.h"
#include "corpus/text_form.h"

namespace charrnn {

/// The corpus over files that are read in place by their index.
class FileCorpus : public Corpus {
 public:
  /// `index` and `form` belong together (build_index). `alphabet`: in which symbols it is read;
  /// one with `<unk>` need not have all characters of the text.
  FileCorpus(CorpusIndex index, const TextForm& form, Vocabulary alphabet, CorpusReport report,
             const DocumentForm& documents);

  /// In its own alphabet; `min_count` as in CorpusOptions.
  FileCorpus(CorpusIndex index, const TextForm& form, std::uint64_t min_count);

  std::uint64_t characters() const override { return index_.total_characters(); }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string fingerprint() const override;
  std::string sampled_fingerprint() const override;
  std::vector<std::filesystem::path> files() const override;
  CorpusReport report() const override { return report_; }
  std::vector<std::uint64_t> file_starts() const override;
  const Documents& documents() const override { return documents_; }
  Position locate(std::uint64_t character) const override;
  void read(Position& at, std::uint64_t count, std::string& out) const override;
  Position read_past(Position& at, std::uint64_t count, std::uint64_t wanted,
                     std::string& out) const override;
  void decode(std::string_view bytes, Symbol* out, std::size_t count) const override;

 private:
  const IndexedFile& file(const Position& at) const { return index_.files[at.file]; }
  std::uint64_t characters_before(const Position& at) const;
  void enter_next_files(Position& at) const;
  BlockStart block_start(const IndexedFile& file, std::uint64_t character,
                         std::uint64_t& block) const;
  std::size_t bytes_of_last(std::string_view bytes, std::uint64_t count) const;
  void advance(Position& at, std::uint64_t count, std::string* out) const;
  void advance_uniform(Position& at, std::uint64_t count, std::string* out) const;
  void advance_well_formed(Position& at, std::uint64_t count, std::string* out) const;
  Begins whole_characters(std::string_view bytes, std::uint64_t count, bool last) const;
  void advance_lenient(Position& at, std::uint64_t count, std::string* out) const;

  CorpusIndex index_;
  TextForm form_;
  Vocabulary vocabulary_;
  SymbolTable table_;
  OpenFiles open_files_;
  CorpusReport report_;
  Documents documents_;
};

/// The alphabet of an index: characters rarer than `min_count` are folded into `<unk>`. Throws
/// Error(kInput) when more than kMaxSymbols are left.
Vocabulary vocabulary_of(const CorpusIndex& index, bool bytes, std::uint64_t min_count);

}  // namespace charrnn
