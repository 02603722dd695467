#include "corpus/transcoder.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/byte_scan.h"
#include "corpus/composer.h"
#include "corpus/file_kind.h"

namespace charrnn {
namespace {

/// What decoders share: bytes kept for the next piece, the mark, and what is ill-formed.
class Decoder : public Transcoder {
 public:
  Decoder(Invalid policy, const char* encoding, std::string name)
      : policy_(policy), encoding_(encoding), name_(std::move(name)) {}

  void feed(std::string_view bytes, bool last, std::string& out) final {
    pending_ += bytes;
    if (!begun_) {
      // A mark is known when four bytes are there, or all.
      if (pending_.size() < 4 && !last) return;
      begun_ = true;
      out += kUtf8Mark;
      drop(mark_size(pending_));
    }
    drop(decode(pending_, last, out));
  }

 protected:
  /// Bytes of the mark that begins `head`.
  virtual std::size_t mark_size(std::string_view head) = 0;

  /// Decodes what is complete of `bytes`, all when `last`; returns how many bytes it took.
  virtual std::size_t decode(std::string_view bytes, bool last, std::string& out) = 0;

  /// What to do about an ill-formed sequence at `offset` of what decode() was given.
  virtual std::string advice(std::size_t) const {
    return "set corpus.encoding to what it is, or corpus.invalid = replace or skip";
  }

  /// Those bytes around an offset.
  std::string_view around(std::size_t offset) const {
    const std::size_t begin = offset - std::min<std::size_t>(offset, kAdviceBytes);
    return std::string_view(pending_).substr(begin, 2 * kAdviceBytes);
  }

  /// The sequence at `offset` of what decode() was given is ill-formed.
  void note_invalid(std::size_t offset, std::string& out) {
    if (invalid_.count++ == 0) invalid_.first = done_ + offset;
    if (policy_ == Invalid::kError) {
      throw Error(ErrorKind::kInput, name_ + ": not valid " + encoding_ + " at byte " +
                                         std::to_string(invalid_.first) + ": " + advice(offset));
    }
    if (policy_ == Invalid::kReplace) append_utf8(0xFFFD, out);
  }

 private:
  void drop(std::size_t size) {
    pending_.erase(0, size);
    done_ += size;
  }

  Invalid policy_;
  const char* encoding_;
  std::string name_;
  bool begun_ = false;
  std::string pending_;
  std::uint64_t done_ = 0;
};

class Utf8Decoder : public Decoder {
 public:
  Utf8Decoder(Invalid policy, std::string name) : Decoder(policy, "UTF-8", std::move(name)) {}

  std::string advice(std::size_t offset) const override {
    return advice_for_invalid_utf8(around(offset));
  }

 private:
  std::size_t mark_size(std::string_view head) override {
    return head.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  }

  std::size_t decode(std::string_view bytes, bool last, std::string& out) override {
    if (has_avx2()) {
      const std::string_view whole = bytes.substr(0, bytes.size() - cut_off(bytes));
      if (avx2::is_well_formed(whole.data(), whole.size())) {
        out += whole;
        if (last && whole.size() < bytes.size()) note_invalid(whole.size(), out);
        return last ? bytes.size() : whole.size();
      }
    }
    return decode_each(bytes, last, out);
  }

  /// Bytes at the end that begin a sequence and do not complete it.
  static std::size_t cut_off(std::string_view bytes) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
      const char* const at = bytes.data() + bytes.size() - back;
      if (!is_utf8_continuation(*at)) return next_utf8(at, at + back).truncated ? back : 0;
    }
    return 0;
  }

  std::size_t decode_each(std::string_view bytes, bool last, std::string& out) {
    const char* const end = bytes.data() + bytes.size();
    const char* at = bytes.data();
    while (at != end) {
      const Utf8Step step = next_utf8(at, end);
      if (step.truncated && !last) break;
      if (step.valid) {
        out.append(at, step.length);
      } else {
        note_invalid(static_cast<std::size_t>(at - bytes.data()), out);
      }
      at += step.length;
    }
    return static_cast<std::size_t>(at - bytes.data());
  }
};

class Utf16Decoder : public Decoder {
 public:
  Utf16Decoder(Invalid policy, std::string name) : Decoder(policy, "UTF-16", std::move(name)) {}

 private:
  /// Without a mark it is little-endian, as nearly every such file is.
  std::size_t mark_size(std::string_view head) override {
    big_endian_ = head.starts_with("\xFE\xFF");
    return big_endian_ || head.starts_with("\xFF\xFE") ? 2 : 0;
  }

  char32_t unit(const char* at) const {
    const auto first = static_cast<unsigned char>(at[0]);
    const auto second = static_cast<unsigned char>(at[1]);
    return static_cast<char32_t>(big_endian_ ? first << 8 | second : second << 8 | first);
  }

  static bool is_high(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
  static bool is_low(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

  std::size_t decode(std::string_view bytes, bool last, std::string& out) override {
    std::size_t at = 0;
    while (bytes.size() - at >= 2) {
      const char32_t first = unit(bytes.data() + at);
      const bool has_second = bytes.size() - at >= 4;
      if (is_high(first) && !has_second && !last) break;
      const char32_t second = has_second ? unit(bytes.data() + at + 2) : 0;
      if (is_high(first) && is_low(second)) {
        append_utf8(0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF)), out);
        at += 4;
        continue;
      }
      if (is_high(first) || is_low(first)) {
        note_invalid(at, out);
        // What is cut off at the end is one mistake.
        at += is_high(first) && !has_second ? bytes.size() - at : 2;
        continue;
      }
      append_utf8(first, out);
      at += 2;
    }
    if (last && at < bytes.size()) {
      note_invalid(at, out);
      at = bytes.size();
    }
    return at;
  }

  bool big_endian_ = false;
};

/// Another transcoder, and composition behind it.
class Composing : public Transcoder {
 public:
  explicit Composing(std::unique_ptr<Transcoder> decoder) : decoder_(std::move(decoder)) {}

  void feed(std::string_view bytes, bool last, std::string& out) override {
    decoded_.clear();
    decoder_->feed(bytes, last, decoded_);
    invalid_ = decoder_->invalid();
    composer_.feed(decoded_, last, out);
  }

 private:
  std::unique_ptr<Transcoder> decoder_;
  Composer composer_;
  std::string decoded_;
};

}  // namespace

std::unique_ptr<Transcoder> make_transcoder(const TextForm& form, std::string name) {
  std::unique_ptr<Transcoder> decoder;
  if (form.encoding == Encoding::kUtf16) {
    decoder = std::make_unique<Utf16Decoder>(form.invalid, std::move(name));
  } else {
    decoder = std::make_unique<Utf8Decoder>(form.invalid, std::move(name));
  }
  if (!form.compose) return decoder;
  return std::make_unique<Composing>(std::move(decoder));
}

}  // namespace charrnn
