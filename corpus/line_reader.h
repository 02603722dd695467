#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "corpus/byte_stream.h"

namespace charrnn {

/// One line of a text, as its bytes are, without what ends it (LF or CRLF).
struct TextLine {
  std::size_t source = 0;    ///< its number among the sources
  std::uint64_t number = 1;  ///< in its source, from 1
  std::string text;
};

/// Reads files line by line, one file after another: decompressed as they are read, nothing is kept
/// on disk. Standard input (kStandardInput) is read as it comes, and is not decompressed. A line of
/// more than `longest` bytes comes in pieces, which have the same number and are not cut inside of
/// a UTF-8 character. Takes memory for a line and a chunk. For one thread.
class LineReader {
 public:
  /// `sources`: as find_files() gives them. `stop` may be null.
  LineReader(std::vector<std::string> sources, std::size_t longest,
             const std::atomic<bool>* stop = nullptr);

  /// The next lines: what can be had without waiting for more, at least one; none at the end of the
  /// last source. Throws Error(kInput), and Stopped once `stop` is true.
  std::vector<TextLine> next();

  const std::vector<std::string>& sources() const { return sources_; }

 private:
  void open();
  void take(std::string_view chunk, std::vector<TextLine>& lines);
  void cut_long_line(std::vector<TextLine>& lines);
  void end_line(std::vector<TextLine>& lines);

  const std::vector<std::string> sources_;
  const std::size_t longest_;
  const std::atomic<bool>* const stop_;
  std::size_t source_ = 0;
  std::uint64_t number_ = 1;
  std::unique_ptr<ByteStream> in_;  // null: the source is not open yet
  std::string chunk_;
  std::string line_;  // what is there of the next line
};

}  // namespace charrnn
