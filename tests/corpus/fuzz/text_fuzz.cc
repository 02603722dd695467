// Fuzz target: any bytes, in any form, cut into any two files and any blocks, are indexed, located,
// read and decoded as the plain decoder reads them.
#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "corpus/file_corpus.h"
#include "corpus/index.h"
#include "tests/corpus/plain_decoder.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// The first bytes of an input choose how the rest is read.
struct Choice {
  TextForm form;
  IndexShape shape;
  std::size_t cut;   // where the second file begins, in 256ths
  std::size_t read;  // characters at once
};

Choice choice_of(const std::uint8_t* data) {
  Choice choice;
  const Encoding encodings[] = {Encoding::kUtf8, Encoding::kUtf8, Encoding::kLatin1,
                                Encoding::kBytes};
  const Invalid policies[] = {Invalid::kReplace, Invalid::kSkip, Invalid::kError, Invalid::kSkip};
  choice.form.encoding = encodings[data[0] & 3];
  choice.form.invalid = policies[data[0] >> 2 & 3];
  choice.form.universal = choice.form.encoding != Encoding::kBytes && (data[0] >> 4 & 3) != 0;
  choice.shape = {8u + (data[1] & 63), 1u + (data[1] >> 6)};
  choice.cut = data[2];
  choice.read = 1 + data[3];
  return choice;
}

void check(const FileCorpus& corpus, const std::u32string& expected, std::size_t most) {
  require(corpus.characters() == expected.size());
  std::u32string text;
  std::vector<Symbol> symbols(most);
  for (Position at = corpus.locate(0); at.character < expected.size();) {
    const Position located = corpus.locate(at.character);
    require(located.file == at.file && located.byte == at.byte);
    const std::size_t count = std::min(most, expected.size() - text.size());
    std::string bytes;
    corpus.read(at, count, bytes);
    corpus.decode(bytes, symbols.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      text.push_back(corpus.vocabulary().characters()[symbols[i]]);
    }
  }
  require(text == expected);
}

void run(const std::uint8_t* data, std::size_t size) {
  static const TemporaryDirectory kFolder;
  const Choice choice = choice_of(data);
  const std::string bytes(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::size_t cut = bytes.size() * choice.cut / 256;
  const std::string parts[] = {bytes.substr(0, cut), bytes.substr(cut)};
  std::vector<std::string> paths;
  std::u32string expected;
  for (const std::string& part : parts) {
    paths.push_back(kFolder.write(std::to_string(paths.size()), part));
    expected += plain(part, choice.form);
  }
  try {
    check(FileCorpus(build_index(paths, choice.form, choice.shape), choice.form, 0), expected,
          choice.read);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kInput && choice.form.invalid == Invalid::kError);
  }
}

}  // namespace
}  // namespace charrnn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 4) charrnn::run(data, size);
  return 0;
}
