#include "corpus/decompress.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::size_t kBufferBytes = 1 << 17;
constexpr std::uint64_t kMemoryLimit = std::uint64_t{128} << 20;

/// What every format shares: input in, output out, and what is wrong.
class Decompressor : public ByteStream {
 public:
  Decompressor(std::unique_ptr<ByteStream> in, const char* format, std::string name)
      : in_(std::move(in)), format_(format), name_(std::move(name)), buffer_(kBufferBytes) {}

  std::size_t read(char* to, std::size_t size) override {
    std::size_t made = 0;
    while (made == 0 && size > 0) {
      if (next_ == end_ && !at_end_) refill();
      if (next_ == end_ && at_end_ && complete_) break;
      const std::size_t before = end_ - next_;
      made = step(to, size);
      if (made == 0 && at_end_ && before == end_ - next_ && !complete_) {
        fail("ends too early: it was cut off");
      }
    }
    return made;
  }

 protected:
  /// Decompresses some of the input to `to`; returns the bytes made. Moves next_ and sets
  /// complete_.
  virtual std::size_t step(char* to, std::size_t size) = 0;

  const char* input() const { return buffer_.data() + next_; }
  std::size_t input_size() const { return end_ - next_; }
  bool last_input() const { return at_end_; }
  void consume_all_but(std::size_t left) { next_ = end_ - left; }
  void skip_zeros() {
    while (next_ < end_ && buffer_[next_] == '\0') ++next_;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kInput, name_ + ": " + format_ + " data " + what + " (at byte " +
                                       std::to_string(offset_ + next_) + ")");
  }
  [[noreturn]] void fail_damaged() const { fail("is damaged"); }
  [[noreturn]] void fail_too_large() const {
    fail("needs more than 128 MiB to be decompressed: decompress it beforehand");
  }

  /// The input so far ends where a compressed stream ends.
  bool complete_ = false;

 private:
  void refill() {
    offset_ += end_;
    next_ = 0;
    end_ = in_->read(buffer_.data(), buffer_.size());
    at_end_ = end_ == 0;
  }

  std::unique_ptr<ByteStream> in_;
  const char* format_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t offset_ = 0;  // of the buffer in the input
};

class Gzip : public Decompressor {
 public:
  Gzip(std::unique_ptr<ByteStream> in, std::string name)
      : Decompressor(std::move(in), "gzip", std::move(name)) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

 private:
  std::size_t step(char* to, std::size_t size) override {
    if (complete_) {
      // Tapes and disks fill the last block with zeros; gzip reads over them, too.
      skip_zeros();
      if (input_size() == 0) return 0;
      inflateReset(&stream_);
      complete_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input()));
    stream_.avail_in = static_cast<uInt>(input_size());
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
    const uInt room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) fail_damaged();
    complete_ = result == Z_STREAM_END;
    consume_all_but(stream_.avail_in);
    return room - stream_.avail_out;
  }

  z_stream stream_{};
};

class Zstd : public Decompressor {
 public:
  Zstd(std::unique_ptr<ByteStream> in, std::string name)
      : Decompressor(std::move(in), "zstd", std::move(name)), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }

 private:
  std::size_t step(char* to, std::size_t size) override {
    ZSTD_inBuffer in{input(), input_size(), 0};
    ZSTD_outBuffer out{to, size, 0};
    const std::size_t result = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(result)) fail_for(ZSTD_getErrorCode(result));
    if (in.pos > 0 || out.pos > 0) complete_ = result == 0;
    consume_all_but(in.size - in.pos);
    return out.pos;
  }

  [[noreturn]] void fail_for(ZSTD_ErrorCode error) const {
    if (error == ZSTD_error_memory_allocation) throw std::bad_alloc();
    if (error == ZSTD_error_frameParameter_windowTooLarge) fail_too_large();
    fail(std::string("is damaged: ") + ZSTD_getErrorString(error));
  }

  ZSTD_DStream* stream_;
};

class Xz : public Decompressor {
 public:
  Xz(std::unique_ptr<ByteStream> in, std::string name)
      : Decompressor(std::move(in), "xz", std::move(name)) {
    if (lzma_stream_decoder(&stream_, kMemoryLimit, LZMA_CONCATENATED) != LZMA_OK) {
      throw std::bad_alloc();
    }
  }
  ~Xz() override { lzma_end(&stream_); }

 private:
  std::size_t step(char* to, std::size_t size) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input());
    stream_.avail_in = input_size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream_.avail_out = size;
    // With LZMA_CONCATENATED only the end of the input ends it.
    const lzma_ret result = lzma_code(&stream_, last_input() ? LZMA_FINISH : LZMA_RUN);
    if (result == LZMA_MEMLIMIT_ERROR) fail_too_large();
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) fail_damaged();
    complete_ = result == LZMA_STREAM_END;
    consume_all_but(stream_.avail_in);
    return size - stream_.avail_out;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Bzip2 : public Decompressor {
 public:
  Bzip2(std::unique_ptr<ByteStream> in, std::string name)
      : Decompressor(std::move(in), "bzip2", std::move(name)) {
    begin();
  }
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

 private:
  void begin() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
  }

  std::size_t step(char* to, std::size_t size) override {
    if (complete_ && input_size() > 0) {
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      begin();
      complete_ = false;
    }
    stream_.next_in = const_cast<char*>(input());
    stream_.avail_in = static_cast<unsigned>(input_size());
    stream_.next_out = to;
    stream_.avail_out = static_cast<unsigned>(std::min<std::size_t>(size, 1u << 30));
    const unsigned room = stream_.avail_out;
    const int result = BZ2_bzDecompress(&stream_);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    if (result != BZ_OK && result != BZ_STREAM_END) fail_damaged();
    complete_ = result == BZ_STREAM_END;
    consume_all_but(stream_.avail_in);
    return room - stream_.avail_out;
  }

  bz_stream stream_{};
};

}  // namespace

Compression compression_of(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1F\x8B\x08"sv)) return Compression::kGzip;
  if (head.starts_with("\x28\xB5\x2F\xFD"sv)) return Compression::kZstd;
  if (head.starts_with("\xFD"
                       "7zXZ\0"sv))
    return Compression::kXz;
  // A text may begin with BZh: what follows must be a block of bzip2, or its end.
  if (head.starts_with("BZh"sv) && head.size() >= kCompressionHead) {
    const std::string_view block = head.substr(4, 6);
    if (block == "\x31\x41\x59\x26\x53\x59"sv || block == "\x17\x72\x45\x38\x50\x90"sv) {
      return Compression::kBzip2;
    }
  }
  return Compression::kNone;
}

std::unique_ptr<ByteStream> decompress(std::unique_ptr<ByteStream> in, Compression compression,
                                       std::string name) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<Gzip>(std::move(in), std::move(name));
    case Compression::kZstd:
      return std::make_unique<Zstd>(std::move(in), std::move(name));
    case Compression::kXz:
      return std::make_unique<Xz>(std::move(in), std::move(name));
    case Compression::kBzip2:
      return std::make_unique<Bzip2>(std::move(in), std::move(name));
    case Compression::kNone:
      break;
  }
  return in;
}

}  // namespace charrnn
