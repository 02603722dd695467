#include "corpus/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/decompress.h"
#include "corpus/sources.h"

namespace charrnn {
namespace {

constexpr std::size_t kChunkBytes = 1 << 17;

}  // namespace

LineReader::LineReader(std::vector<std::string> sources, std::size_t longest,
                       const std::atomic<bool>* stop)
    : sources_(std::move(sources)),
      longest_(std::max<std::size_t>(longest, 4)),
      stop_(stop),
      chunk_(kChunkBytes, '\0') {}

void LineReader::open() {
  const std::string& source = sources_[source_];
  if (source == kStandardInput) {
    in_ = std::make_unique<DescriptorStream>(STDIN_FILENO, "standard input", stop_);
    return;
  }
  auto peek = std::make_unique<PeekStream>(std::make_unique<FileStream>(source));
  const Compression compression = compression_of(peek->peek(kCompressionHead));
  in_ = decompress(std::move(peek), compression, source);
}

std::vector<TextLine> LineReader::next() {
  std::vector<TextLine> lines;
  while (lines.empty() && source_ < sources_.size()) {
    check_stop(stop_, "reading lines");
    if (!in_) open();
    const std::size_t size = in_->read(chunk_.data(), chunk_.size());
    if (size > 0) {
      take({chunk_.data(), size}, lines);
      continue;
    }
    if (!line_.empty()) end_line(lines);  // the last line has no newline
    in_.reset();
    ++source_;
    number_ = 1;
  }
  return lines;
}

void LineReader::take(std::string_view chunk, std::vector<TextLine>& lines) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    line_ += chunk.substr(0, end);
    cut_long_line(lines);
    if (end == chunk.npos) return;
    end_line(lines);
    chunk.remove_prefix(end + 1);
  }
}

void LineReader::cut_long_line(std::vector<TextLine>& lines) {
  while (line_.size() > longest_) {
    std::size_t cut = longest_;
    while (cut > longest_ - 4 && is_utf8_continuation(line_[cut])) --cut;
    if (cut == longest_ - 4) cut = longest_;  // no character is that long
    lines.push_back({source_, number_, line_.substr(0, cut)});
    line_.erase(0, cut);
  }
}

void LineReader::end_line(std::vector<TextLine>& lines) {
  if (line_.ends_with('\r')) line_.pop_back();
  lines.push_back({source_, number_++, std::exchange(line_, {})});
}

}  // namespace charrnn
