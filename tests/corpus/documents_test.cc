#include "corpus/documents.h"

#include <gtest/gtest.h>

#include <memory>

#include "corpus/read_text.h"
#include "corpus/vocabulary.h"
#include "tests/corpus/dice.h"

namespace charrnn {
namespace {

const Vocabulary& letters() {
  static const Vocabulary vocabulary = [] {
    Vocabulary made({U'\n', U'\r', U'a', U'b'}, {1, 1, 1, 1});
    made.set_reading({.universal = false});
    return made;
  }();
  return vocabulary;
}

std::vector<std::size_t> begins(const Documents& documents, std::string_view text) {
  std::vector<std::size_t> found;
  documents.find(0, read_symbols(text, letters()), found);
  return found;
}

using Places = std::vector<std::size_t>;

TEST(DocumentLines, BeginBehindEachLineFeedAlsoWhereALineIsEmpty) {
  const Documents lines({DocumentEnd::kLine}, letters(), {});
  EXPECT_EQ(begins(lines, "ab\na\n\nb\n"), (Places{3, 5, 6}));
  EXPECT_EQ(begins(lines, "ab\r\na"), (Places{4}));
  EXPECT_EQ(begins(lines, "ab"), (Places{}));
  EXPECT_EQ(lines.lookback(), 1u);
}

TEST(DocumentLines, AreSeenAtTheFirstCharacterOfAPiece) {
  const Documents lines({DocumentEnd::kLine}, letters(), {});
  Places found;
  lines.find(7, read_symbols("\nab", letters()), found);  // the piece is "ab"
  EXPECT_EQ(found, (Places{0}));
}

TEST(Documents, NameWhatStandsInFrontOfAFirstCharacter) {
  const auto opening = [](DocumentForm form) {
    return letters().decode(Documents(form, letters(), {}).opening());
  };
  EXPECT_EQ(opening({DocumentEnd::kNone}), "");
  EXPECT_EQ(opening({DocumentEnd::kFile}), "");
  EXPECT_EQ(opening({DocumentEnd::kLine}), "\n");
  EXPECT_EQ(opening({DocumentEnd::kBlankLine}), "\n\n");
  EXPECT_EQ(opening({DocumentEnd::kSeparator, "ab"}), "ab");
  EXPECT_EQ(opening({DocumentEnd::kSeparator, "xy"}), "");
}

TEST(DocumentTracker, FindsCharacterByCharacterWhatTrainingFindsInThePieces) {
  Dice dice(7);
  for (const DocumentForm& form :
       {DocumentForm{DocumentEnd::kNone}, DocumentForm{DocumentEnd::kFile},
        DocumentForm{DocumentEnd::kLine}, DocumentForm{DocumentEnd::kBlankLine},
        DocumentForm{DocumentEnd::kSeparator, "a"}, DocumentForm{DocumentEnd::kSeparator, "aa"},
        DocumentForm{DocumentEnd::kSeparator, "abab\na"},
        DocumentForm{DocumentEnd::kSeparator, "x"}}) {
    const auto documents =
        std::make_shared<const Documents>(form, letters(), std::vector<std::uint64_t>());
    std::vector<Symbol> text;
    for (int i = 0; i < 2000; ++i) text.push_back(static_cast<Symbol>(dice.below(4)));
    Places in_pieces;
    documents->find(0, text, in_pieces);
    DocumentTracker tracker(documents);
    Places one_by_one;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i == 1000) tracker = DocumentTracker(tracker);  // a copy goes on
      if (tracker.begins(text[i])) one_by_one.push_back(i);
    }
    EXPECT_EQ(one_by_one, in_pieces) << word_of(form.end) << ' ' << form.separator;
  }
}

TEST(DocumentTracker, WithoutDocumentsFindsNothing) {
  DocumentTracker tracker;
  EXPECT_FALSE(tracker.begins(0));
  EXPECT_FALSE(tracker.begins(0));
}

}  // namespace
}  // namespace charrnn
