#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "corpus/records.h"
#include "corpus/text_form.h"
#include "corpus/transcoder.h"

namespace charrnn {

/// Makes the text that is kept for a source from its (decompressed) bytes, which come in pieces:
/// decodes them, takes the text out of records, and composes characters. For one thread.
class SourceText {
 public:
  /// `name` is for messages.
  SourceText(const TextForm& form, const RecordForm& records, const std::string& name);

  /// The text of these bytes, as far as it is complete; all of it when `last`. Valid until the next
  /// call. Throws what Transcoder and RecordReader throw.
  std::string_view feed(std::string_view bytes, bool last);

  /// Ill-formed sequences and bad records.
  InvalidSequences invalid() const;

 private:
  std::unique_ptr<Transcoder> decoder_;    // null: bytes are kept as they are
  std::unique_ptr<RecordReader> records_;  // null: there are none
  std::unique_ptr<Transcoder> composer_;   // of what records held; null: nothing to do
  bool begun_ = false;                     // the mark in front of the text is there
  std::string decoded_;
  std::string taken_;
  std::string composed_;
};

}  // namespace charrnn
