#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {

/// A corpus in memory: one byte a character. The twin of the one on disk for tests of nodes.
class MemoryCorpus : public Corpus {
 public:
  /// `file_starts`: where files begin, for documents that are files.
  explicit MemoryCorpus(std::string text, const DocumentForm& documents = {},
                        std::vector<std::uint64_t> file_starts = {0})
      : text_(std::move(text)) {
    std::map<char32_t, std::uint64_t> counts;
    for (const char c : text_) ++counts[static_cast<unsigned char>(c)];
    std::vector<char32_t> characters;
    std::vector<std::uint64_t> numbers;
    for (const auto& [character, count] : counts) {
      characters.push_back(character);
      numbers.push_back(count);
    }
    vocabulary_ = Vocabulary(characters, numbers);
    documents_ = Documents(documents, vocabulary_, std::move(file_starts));
  }

  std::uint64_t characters() const override { return text_.size(); }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string fingerprint() const override { return "memory"; }
  std::vector<std::filesystem::path> files() const override { return {"memory"}; }
  const Documents& documents() const override { return documents_; }
  Position locate(std::uint64_t character) const override { return {character, 0, character}; }

  void read(Position& at, std::uint64_t count, std::string& out) const override {
    if (at.byte + count > text_.size()) throw Error(ErrorKind::kInput, "read past the end");
    out.append(text_, at.byte, count);
    at.byte += count;
    at.character += count;
  }

  void decode(std::string_view bytes, Symbol* out, std::size_t count) const override {
    if (bytes.size() != count) throw Error(ErrorKind::kInput, "wrong number of characters");
    for (const char c : bytes) *out++ = symbol(c);
  }

  Symbol symbol(char c) const { return *vocabulary_.find(static_cast<unsigned char>(c)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  Vocabulary vocabulary_;
  Documents documents_;
};

/// A text of `size` characters over `kinds` letters that repeats nothing for long.
inline std::string varied_text(std::size_t size, unsigned kinds, unsigned seed) {
  std::string text;
  std::uint64_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    text.push_back(static_cast<char>('a' + (state >> 33) % kinds));
  }
  return text;
}

}  // namespace charrnn
