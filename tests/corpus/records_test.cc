#include "corpus/records.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "corpus/corpus.h"
#include "tests/corpus/compress.h"
#include "tests/corpus/corpus_text.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

// The text of records that come in pieces of this size.
std::string taken(const RecordForm& form, std::string_view text, std::size_t piece,
                  InvalidSequences* invalid = nullptr) {
  const auto reader = make_record_reader(form, "file");
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader->feed(text.substr(at, piece), at + piece >= text.size(), out);
  }
  if (text.empty()) reader->feed("", true, out);
  if (invalid != nullptr) *invalid = reader->invalid();
  return out;
}

std::string refusal(const RecordForm& form, std::string_view text) {
  try {
    taken(form, text, text.size());
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

const RecordForm kJson{TextFormat::kJsonLines, "text", "|", Invalid::kError};
const RecordForm kCsv{TextFormat::kCsv, "text", "|", Invalid::kError};

RecordForm leaving_out(RecordForm form) {
  form.invalid = Invalid::kSkip;
  return form;
}

TEST(JsonRecords, GiveTheirFieldWhereverTheyAreCut) {
  const std::string_view text =
      "{\"text\": \"one\\nline \\u00e4 \\\"q\\\"\", \"meta\": {\"text\": \"no\"}}\r\n"
      "\n"
      "{\"id\": 7, \"text\": \"\\ud83d\\ude00\"}\n{\"text\":\"\"}\n{\"text\":\"last\"}";
  for (const std::size_t piece : {1, 2, 7, 1000}) {
    EXPECT_EQ(taken(kJson, text, piece), "one\nline \u00e4 \"q\"|\U0001F600||last|") << piece;
  }
  EXPECT_EQ(taken(kJson, "", 1), "");
}

TEST(JsonRecords, ABadOneIsNamedByLineAndByteOrLeftOut) {
  const std::string_view text =
      "{\"text\":\"a\"}\n{\"text\":\n{\"body\":\"b\"}\n[1]\n{\"text\":1}\n"
      "{\"text\":\"c\"}\n";
  const std::string told = refusal(kJson, text);
  EXPECT_NE(told.find("file: line 2, byte 13: no JSON"), told.npos) << told;
  EXPECT_NE(told.find("corpus.invalid = skip"), told.npos) << told;
  EXPECT_NE(refusal(kJson, "{\"body\":\"b\"}").find("it has no field \"text\""), std::string::npos);
  EXPECT_NE(refusal(kJson, "{\"text\":1}").find("\"text\" is no string"), std::string::npos);
  EXPECT_NE(refusal(kJson, "[1]").find("no JSON object"), std::string::npos);
  EXPECT_NE(refusal(kJson, "{\"text\":\"\\ud800\"}").find("no JSON"), std::string::npos);
  InvalidSequences invalid;
  EXPECT_EQ(taken(leaving_out(kJson), text, 5, &invalid), "a|c|");
  EXPECT_EQ(invalid.count, 4u);
  EXPECT_EQ(invalid.first, 13u);
}

TEST(CsvRecords, GiveTheirColumnAsRfc4180SaysWhereverTheyAreCut) {
  const std::string_view text =
      "id,text,more\r\n"
      "1,plain,x\r\n"
      "2,\"a, \"\"quoted\"\"\r\nfield\",\"x\"\r\n"
      "\r\n"
      "3,,\r\n"
      "4,mid\"dle,\n"
      "5,\"last\",y";
  for (const std::size_t piece : {1, 2, 3, 1000}) {
    EXPECT_EQ(taken(kCsv, text, piece), "plain|a, \"quoted\"\r\nfield||mid\"dle|last|") << piece;
  }
}

TEST(CsvRecords, MayBeSeparatedByTabsOrSemicolons) {
  EXPECT_EQ(taken(kCsv, "id\ttext\n1\ta,b;c\n", 4), "a,b;c|");
  EXPECT_EQ(taken(kCsv, "text;id\na,b\tc;1\n", 4), "a,b\tc|");
  EXPECT_EQ(taken(kCsv, "text\na\n\"b\"\n", 4), "a|b|");
}

TEST(CsvRecords, ABadOneIsNamedByLineAndByteOrLeftOut) {
  const std::string_view text = "id,text\n1,\"a\nb\"\n2\n3,\"x\"y\n4,c\n5,\"open\n";
  const std::string told = refusal(kCsv, text);
  EXPECT_NE(told.find("file: line 4, byte 16: it has 1 fields, and the first record 2"), told.npos)
      << told;
  InvalidSequences invalid;
  EXPECT_EQ(taken(leaving_out(kCsv), text, 3, &invalid), "a\nb|c|");
  EXPECT_EQ(invalid.count, 3u);
  EXPECT_NE(
      refusal(kCsv, "id,body,name\n1,2,3\n").find("set corpus.field to one of: id, body, name"),
      std::string::npos);
}

class RecordCorpus : public testing::Test {
 protected:
  RecordCorpus() { options.cache_directory = folder.at("cache"); }

  std::shared_ptr<const Corpus> open(const std::string& file) {
    options.files = {file};
    return Corpus::open(options);
  }
  static std::vector<std::size_t> begins(const Corpus& corpus) {
    std::vector<std::size_t> found;
    corpus.documents().find(0, symbols_of(corpus), found);
    return found;
  }

  TemporaryDirectory folder;
  CorpusOptions options;
};

TEST_F(RecordCorpus, EachRecordIsADocument) {
  options.format = TextFormat::kJsonLines;
  const auto corpus = open(folder.write("a.jsonl", "{\"text\":\"ab\"}\n{\"text\":\"c\"}\n"));
  EXPECT_EQ(text_of(*corpus),
            "ab\x1E"
            "c\x1E");
  EXPECT_EQ(begins(*corpus), std::vector<std::size_t>{3});
  EXPECT_EQ(corpus->vocabulary().reading().documents.separator, kRecordEnd);
}

TEST_F(RecordCorpus, EndsRecordsAsDocumentsAreToldApart) {
  options.format = TextFormat::kCsv;
  options.field = "name";
  options.documents = DocumentEnd::kLine;
  const auto file = folder.write("a.csv", "name,n\nAnna,1\nBo,2\n");
  EXPECT_EQ(text_of(*open(file)), "Anna\nBo\n");
  options.documents = DocumentEnd::kSeparator;
  options.separator = "<|end|>";
  EXPECT_EQ(text_of(*open(file)), "Anna<|end|>Bo<|end|>");
  options.documents = DocumentEnd::kBlankLine;
  EXPECT_EQ(text_of(*open(file)), "Anna\n\nBo\n\n");
}

TEST_F(RecordCorpus, MayBeCompressedAndAreComposedBehindTheirEscapes) {
  options.format = TextFormat::kJsonLines;
  options.normalise = NormalForm::kNfc;
  options.documents = DocumentEnd::kLine;
  const auto file = folder.write(
      "a.jsonl.zst", zstd("\xEF\xBB\xBF{\"text\":\"e\\u0301\"}\n{\"text\":\"e\u0301\"}\n"));
  EXPECT_EQ(text_of(*open(file)), "\u00e9\n\u00e9\n");
}

TEST_F(RecordCorpus, ReportsWhatWasLeftOut) {
  options.format = TextFormat::kJsonLines;
  options.invalid = Invalid::kSkip;
  const auto corpus = open(folder.write("a.jsonl", "{\"text\":\"ab\"}\n{}\n{\"text\":\"c\"}\n"));
  EXPECT_EQ(text_of(*corpus),
            "ab\x1E"
            "c\x1E");
  EXPECT_EQ(corpus->report().invalid, 1u);
  EXPECT_EQ(corpus->report().first_invalid_byte, 14u);
}

TEST_F(RecordCorpus, NeedCharactersAndAField) {
  options.format = TextFormat::kCsv;
  options.encoding = Encoding::kLatin1;
  const auto file = folder.write("a.csv", "text\na\n");
  EXPECT_THROW(open(file), Error);
  options.encoding = Encoding::kUtf8;
  options.field = "";
  EXPECT_THROW(open(file), Error);
}

}  // namespace
}  // namespace charrnn
