#include "corpus/source_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace charrnn {

SourceText::SourceText(const TextForm& form, const RecordForm& records, const std::string& name) {
  TextForm decoded = form;
  if (records.any()) {
    // A record may spell a character as an escape, so it is composed afterwards.
    decoded.compose = false;
    records_ = make_record_reader(records, name);
    TextForm composed{.encoding = Encoding::kUtf8, .compose = true};
    if (form.compose) composer_ = make_transcoder(composed, name);
  }
  if (!form.single_byte()) decoder_ = make_transcoder(decoded, name);
}

std::string_view SourceText::feed(std::string_view bytes, bool last) {
  if (!decoder_) return bytes;
  decoded_.clear();
  decoder_->feed(bytes, last, decoded_);
  if (!records_) return decoded_;
  taken_.clear();
  std::string_view text = decoded_;
  if (!begun_ && text.starts_with(kUtf8Mark)) {  // what the decoder's output begins with
    begun_ = true;
    taken_ += kUtf8Mark;
    text.remove_prefix(kUtf8Mark.size());
  }
  records_->feed(text, last, taken_);
  if (!composer_) return taken_;
  composed_.clear();
  composer_->feed(taken_, last, composed_);
  return composed_;
}

InvalidSequences SourceText::invalid() const {
  InvalidSequences all;
  if (decoder_) all = decoder_->invalid();
  if (!records_ || records_->invalid().count == 0) return all;
  const InvalidSequences& bad = records_->invalid();
  return {all.count + bad.count, all.count > 0 ? std::min(all.first, bad.first) : bad.first};
}

}  // namespace charrnn
