#include "base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json/array.hpp>
#include <cmath>

#include "base/counter_rng.h"
#include "base/error.h"

namespace charrnn {
namespace {

TEST(Json, RandomNumbersRoundTripWithoutLosingABit) {
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto dice = philox(7, i, 0);
    const double value =
        std::bit_cast<double>((static_cast<std::uint64_t>(dice[0]) << 32) | dice[1]);
    // Numbers below 2.2e-308 are not written by anything here.
    if (!std::isnormal(value)) continue;
    const auto read = parse_json(print_json({{"x", value}}), "numbers");
    EXPECT_EQ(JsonFields(read, "numbers").number("x"), value);
  }
}

TEST(Json, WholeNumbersRoundTripUpToTheirLimits) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1} << 53, std::uint64_t{1} << 63, UINT64_MAX}) {
    const auto read = parse_json(print_json({{"x", value}}), "numbers");
    EXPECT_EQ(JsonFields(read, "numbers").whole("x"), value);
  }
}

TEST(Json, PrintsOneMemberALineInTheirOrder) {
  EXPECT_EQ(
      print_json({{"b", 0.001}, {"a", {{"c", nullptr}, {"d", boost::json::array{1, "x\n"}}}}}),
      "{\n  \"b\": 0.001,\n  \"a\": {\n    \"c\": null,\n    \"d\": [\n      1,\n"
      "      \"x\\n\"\n    ]\n  }\n}\n");
  EXPECT_EQ(print_json(boost::json::object()), "{}\n");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "{]", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":Infinity}",
                           "{\"a\":1e400}", "{\"a\":1,}", "// x\n{}", "{} {}", "{\"a\":\"\x80\"}",
                           "{\"a\":\"\\ud800\"}", "{\"a\":1,\"a\":1}", "{\"\":1,\"\":1}"}) {
    EXPECT_THROW(parse_json(text, "x"), Error) << text;
  }
  EXPECT_THROW(parse_json(std::string(33, '[') + std::string(33, ']'), "x"), Error);
  EXPECT_NO_THROW(parse_json(std::string(32, '[') + std::string(32, ']'), "x"));
}

TEST(Json, FieldsRefuseWrongTypesRangesAndStrangers) {
  const auto value = parse_json(R"({"n":-1,"d":1.5,"s":"abcd","big":18446744073709551615})", "f");
  JsonFields fields(value, "f");
  EXPECT_THROW(fields.whole("n"), Error);
  EXPECT_THROW(fields.whole("d"), Error);
  EXPECT_THROW(fields.whole("s"), Error);
  EXPECT_THROW(fields.whole("big", 7), Error);
  EXPECT_THROW(fields.number("s"), Error);
  EXPECT_THROW(fields.text("n"), Error);
  EXPECT_THROW(fields.text("s", 3), Error);
  EXPECT_THROW(fields.member("none"), Error);
  JsonFields few(value, "f");
  EXPECT_EQ(few.text("s", 4), "abcd");
  EXPECT_THROW(few.finish(), Error);
  EXPECT_EQ(few.number("n"), -1.0);
  EXPECT_EQ(few.number("d"), 1.5);
  EXPECT_EQ(few.whole("big"), UINT64_MAX);
  EXPECT_NO_THROW(few.finish());
  EXPECT_THROW(JsonFields(boost::json::value(1), "f"), Error);
}

}  // namespace
}  // namespace charrnn
