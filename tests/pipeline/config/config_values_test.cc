#include <gtest/gtest.h>

#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

// The value of a key that was given as `text`.
template <class T>
T read(const std::string& key, const std::string& text) {
  const Option& option = *find_option(key);
  Config config;
  read_value(option, {text}, config);
  if constexpr (NamedEnum<T>) {
    return static_cast<T>(std::get<ChoiceField>(option.field).get(config));
  } else {
    return std::get<Field<T>>(option.field).get(config);
  }
}

template <class T>
std::string refusal(const std::string& key, const std::string& text) {
  try {
    read<T>(key, text);
  } catch (const BadValue& bad) {
    return std::string(bad.what()) + "; " + bad.suggestion();
  }
  return "taken";
}

TEST(OptionValues, CountsMayEndInAUnit) {
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "12"), 12U);
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "12k"), 12'000U);
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "3M"), 3'000'000U);
  EXPECT_EQ(read<std::uint64_t>("corpus.cache_limit", "64Gi"), std::uint64_t{64} << 30);
}

TEST(OptionValues, AChoiceBecomesItsValueAndAnotherWordIsRefused) {
  EXPECT_EQ(read<UnknownCharacters>("serve.unknown", "error"), UnknownCharacters::kError);
  EXPECT_EQ(read<UnknownCharacters>("serve.unknown", "skip"), UnknownCharacters::kSkip);
  EXPECT_EQ(read<UnknownCharacters>("serve.unknown", "replace"), UnknownCharacters::kReplace);
  EXPECT_EQ(refusal<UnknownCharacters>("serve.unknown", "replaced"),
            "'replaced' is not one of error, skip, replace; did you mean replace?");
}

TEST(OptionValues, SecondsMayEndInAUnit) {
  EXPECT_EQ(read<double>("serve.drain", "1m"), 60.0);
  EXPECT_EQ(read<double>("train.max_seconds", "90"), 90.0);
  EXPECT_EQ(read<double>("train.max_seconds", "90s"), 90.0);
  EXPECT_EQ(read<double>("train.max_seconds", "3m"), 180.0);
  EXPECT_EQ(read<double>("train.max_seconds", "1.5h"), 5400.0);
}

TEST(OptionValues, AWholeNumberMayHaveAnExponentOrAFractionOfItsUnit) {
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "1e6"), 1'000'000U);
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "2.5E3"), 2'500U);
  EXPECT_EQ(read<std::uint64_t>("train.max_steps", "1.5M"), 1'500'000U);
  EXPECT_EQ(read<int>("train.batch", "128.0"), 128);
  for (const char* text : {"1e-3", "1.2345k", "1e20", "1e", "1e6x", "inf"}) {
    EXPECT_EQ(refusal<std::uint64_t>("train.max_steps", text).find("'"), 0U) << text;
  }
  EXPECT_EQ(refusal<int>("train.batch", "1e6"), "'1e6' is out of range; it may be 1 to 65536");
}

TEST(OptionValues, SeedsUseAll64Bits) {
  EXPECT_EQ(read<std::uint64_t>("train.seed", "18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(refusal<std::uint64_t>("train.seed", "18446744073709551616"),
            "'18446744073709551616' is out of range; it may be 0 or more");
  EXPECT_EQ(refusal<std::uint64_t>("train.seed", "18446744073709552k"),
            "'18446744073709552k' is out of range; it may be 0 or more");
}

TEST(OptionValues, ANegativeCountIsOutOfRangeAndNotHuge) {
  EXPECT_EQ(refusal<int>("train.batch", "-1"), "'-1' is out of range; it may be 1 to 65536");
}

TEST(OptionValues, TheRangeIncludesItsEndsUnlessItSaysBelow) {
  EXPECT_EQ(read<int>("train.batch", "65536"), 65536);
  EXPECT_EQ(refusal<int>("train.batch", "65537"), "'65537' is out of range; it may be 1 to 65536");
  EXPECT_EQ(read<double>("model.dropout", "0"), 0.0);
  EXPECT_EQ(refusal<double>("model.dropout", "1"),
            "'1' is out of range; it may be from 0, below 1");
}

TEST(OptionValues, AShareOfNothingIsRefused) {
  EXPECT_EQ(refusal<double>("serve.share", "0"), "'0' is out of range; it may be 0.01 to 1");
}

TEST(OptionValues, WhatIsNoNumberIsRefusedWithAnExample) {
  EXPECT_EQ(refusal<int>("train.batch", "many"),
            "'many' is not a whole number; for example batch = 128");
  EXPECT_EQ(refusal<int>("train.batch", ""), "'' is not a whole number; for example batch = 128");
  EXPECT_EQ(refusal<int>("train.batch", "1.5"),
            "'1.5' is not a whole number; for example batch = 128");
  EXPECT_EQ(refusal<std::uint64_t>("train.max_steps", "1,000"),
            "'1,000' is not a whole number; write 1000");
  EXPECT_EQ(refusal<double>("train.clip", "nan"), "'nan' is not a number; for example clip = 5");
  EXPECT_EQ(refusal<double>("model.dropout", "0,5"),
            "'0,5' is not a number; decimals follow a point: for example dropout = 0.5");
}

TEST(OptionValues, FlagsHaveTheUsualWords) {
  EXPECT_TRUE(read<bool>("serve.enabled", "on"));
  EXPECT_FALSE(read<bool>("serve.enabled", "no"));
  EXPECT_EQ(refusal<bool>("serve.enabled", "maybe"),
            "'maybe' is neither true nor false; write enabled = true or false");
}

TEST(OptionValues, ChoicesAreNamedWhenNoneWasMade) {
  EXPECT_EQ(read<BackendKind>("runtime.backend", "hash"), BackendKind::kHash);
  EXPECT_EQ(refusal<BackendKind>("runtime.backend", "torhc"),
            "'torhc' is not one of auto, torch, fused, hash; did you mean torch?");
}

TEST(OptionValues, AnEmptySeedIsNoSeed) {
  EXPECT_EQ(read<std::optional<std::uint64_t>>("generate.seed", ""), std::nullopt);
  EXPECT_EQ(read<std::optional<std::uint64_t>>("generate.seed", "5"), 5U);
}

TEST(OptionValues, ADoubleIsWrittenSoThatItIsReadBackExactly) {
  Config config;
  for (const double value : {0.1, 1e-3, 1.0 / 3.0, 5.0, 1e6, 1e-300}) {
    config.train.clip = value;
    const std::string text = write_value(*find_option("train.clip"), config).at(0);
    EXPECT_EQ(read<double>("train.clip", text), value) << text;
  }
}

TEST(Suggestion, CountsEditsAndSwapsWithoutRegardToCase) {
  EXPECT_EQ(edit_distance("batch", "batch"), 0U);
  EXPECT_EQ(edit_distance("btach", "batch"), 1U);
  EXPECT_EQ(edit_distance("bach", "batch"), 1U);
  EXPECT_EQ(edit_distance("Batches", "batch"), 2U);
  EXPECT_EQ(edit_distance("", "batch"), 5U);
}

TEST(Suggestion, NamesNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("trian", {"run", "train"}), "train");
  EXPECT_EQ(nearest("dance", {"run", "train"}), std::nullopt);
  EXPECT_EQ(suggest("dance", {"run", "train"}), "use one of run, train");
}

}  // namespace
}  // namespace charrnn
