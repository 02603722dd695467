#include "model/checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/counter_rng.h"
#include "base/error.h"

namespace charrnn {
namespace {

// A file with this header, unpadded, and `data_size` bytes of values.
std::string file_with(const std::string& header, std::size_t data_size) {
  const std::uint64_t size = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + std::string(data_size, '\0');
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[)" + offsets +
         "]}";
}

void expect_refused(const std::string& bytes, const std::string& fault) {
  try {
    parse_safetensors(bytes, "hostile.safetensors");
    FAIL() << "accepted, expected: " << fault;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCheckpoint);
    EXPECT_NE(std::string(error.what()).find("hostile.safetensors"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find(fault), std::string::npos) << error.what();
  }
}

TEST(Safetensors, WritesTheDocumentedBytes) {
  const std::vector<float> values{1.0F, -2.0F};
  const std::string bytes = safetensors_bytes({{"ab", {1, 2}, values}});
  const std::string header = R"({"ab":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  std::string expected(8, '\0');
  expected[0] = static_cast<char>(padded.size());
  expected += padded;
  expected += std::string("\0\0\x80\x3f\0\0\0\xc0", 8);
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(bytes.size() % 8, 0U);
}

TEST(Safetensors, RoundTripKeepsEveryBitOfRandomTensors) {
  for (std::uint64_t round = 0; round < 200; ++round) {
    std::vector<std::vector<float>> values;
    std::vector<TensorView> views;
    const auto dice = philox(round, 1, 0);
    for (std::uint32_t i = 0; i < dice[0] % 5 + 1; ++i) {
      const std::int64_t rows = philox(round, 2, i)[0] % 4;
      const std::int64_t columns = philox(round, 2, i)[1] % 6 + 1;
      std::vector<float>& floats = values.emplace_back(static_cast<std::size_t>(rows * columns));
      for (std::size_t k = 0; k < floats.size(); ++k) {
        floats[k] = std::bit_cast<float>(philox(round, 3 + i, k)[0]);
      }
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::int64_t columns = philox(round, 2, i)[1] % 6 + 1;
      views.push_back({std::string("t").append(std::to_string(values.size() - i)),
                       {static_cast<std::int64_t>(values[i].size()) / columns, columns},
                       values[i]});
    }
    const auto read = parse_safetensors(safetensors_bytes(views), "round trip");
    ASSERT_EQ(read.size(), views.size());
    for (const TensorView& view : views) {
      const Tensor& got = read.at(view.name);
      EXPECT_EQ(got.shape, view.shape);
      ASSERT_EQ(got.values.size(), view.values.size());
      EXPECT_TRUE(got.values.empty() || std::memcmp(got.values.data(), view.values.data(),
                                                    view.values.size_bytes()) == 0);
    }
  }
}

TEST(Safetensors, MetadataIsWrittenAndSkippedOnReading) {
  const std::vector<float> values{3.0F};
  const auto bytes = safetensors_bytes({{"a", {1}, values}}, {{"format", "pt"}});
  EXPECT_NE(bytes.find(R"("__metadata__":{"format":"pt"})"), std::string::npos);
  EXPECT_EQ(parse_safetensors(bytes, "x").size(), 1U);
}

TEST(Safetensors, AcceptsUnpaddedHeadersTensorsInAnyOrderScalarsAndEmptyTensors) {
  const auto read = parse_safetensors(
      file_with("{" + tensor("b", "2", "4,12") + "," + tensor("scalar", "", "0,4") + "," +
                    tensor("none", "0,7", "4,4") + "}",
                12),
      "x");
  EXPECT_EQ(read.at("b").values.size(), 2U);
  EXPECT_EQ(read.at("scalar").values.size(), 1U);
  EXPECT_TRUE(read.at("none").values.empty());
  EXPECT_TRUE(parse_safetensors(file_with("{}", 0), "x").empty());
}

TEST(Safetensors, RefusesHostileHeaders) {
  expect_refused("", "fewer than 8 bytes");
  expect_refused(std::string(7, '\0'), "fewer than 8 bytes");
  expect_refused(std::string(8, '\0'), "does not begin with {");
  expect_refused(std::string(8, '\xff'), "longer than 100 MB");
  expect_refused(file_with("{}", 0).substr(0, 9), "ends inside its header");
  expect_refused(file_with("[]", 0), "does not begin with {");
  expect_refused(file_with(" {}", 0), "does not begin with {");
  expect_refused(file_with("{", 0), "not valid JSON");
  expect_refused(file_with("{}x", 0), "not valid JSON");
  expect_refused(file_with("{}{}", 0), "not valid JSON");
  expect_refused(file_with("{\"\xff\":1}", 0), "not valid JSON");
  expect_refused(file_with("{\"\xed\xa0\x80\":1}", 0), "not valid JSON");
  expect_refused(file_with("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", 0),
                 "not valid JSON");
}

TEST(Safetensors, RefusesDuplicateKeysAtEveryLevel) {
  expect_refused(file_with("{" + tensor("a", "1", "0,4") + "," + tensor("a", "1", "4,8") + "}", 8),
                 "\"a\" stands twice");
  // The same name in other letters of JSON.
  expect_refused(
      file_with("{" + tensor("a", "1", "0,4") + "," + tensor("\\u0061", "1", "4,8") + "}", 8),
      "\"a\" stands twice");
  expect_refused(
      file_with(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4),
      "\"dtype\" stands twice");
  expect_refused(file_with(R"({"__metadata__":{"k":"1","k":"2"}})", 0), "\"k\" stands twice");
  expect_refused(file_with(R"({"__metadata__":{},"__metadata__":{}})", 0), "stands twice");
}

TEST(Safetensors, RefusesHolesOverlapsShortAndTrailingBytes) {
  expect_refused(file_with("{" + tensor("a", "1", "4,8") + "}", 8), "hole before tensor a");
  expect_refused(
      file_with("{" + tensor("a", "1", "0,4") + "," + tensor("b", "1", "8,12") + "}", 12),
      "hole before tensor b");
  expect_refused(file_with("{" + tensor("a", "2", "0,8") + "," + tensor("b", "1", "4,8") + "}", 8),
                 "tensor b overlaps");
  expect_refused(file_with("{" + tensor("a", "1", "0,4") + "," + tensor("b", "1", "0,4") + "}", 4),
                 "overlaps");
  expect_refused(file_with("{" + tensor("a", "2", "0,8") + "}", 7), "do not lie inside the file");
  expect_refused(file_with("{" + tensor("a", "1", "0,4") + "}", 5), "bytes after the last tensor");
  expect_refused(file_with("{}", 1), "bytes after the last tensor");
}

TEST(Safetensors, RefusesShapesAndOffsetsThatDoNotAgree) {
  expect_refused(file_with("{" + tensor("a", "3", "0,8") + "}", 8), "do not agree");
  expect_refused(file_with("{" + tensor("a", "2", "8,0") + "}", 8), "do not lie inside");
  expect_refused(file_with("{" + tensor("a", "2", "0") + "}", 8), "do not lie inside");
  expect_refused(file_with("{" + tensor("a", "2", "0,8,8") + "}", 8), "do not lie inside");
  expect_refused(file_with("{" + tensor("a", "-2", "0,8") + "}", 8), "whole number");
  expect_refused(file_with("{" + tensor("a", "2.0", "0,8") + "}", 8), "whole number");
  expect_refused(file_with("{" + tensor("a", "\"2\"", "0,8") + "}", 8), "whole number");
  expect_refused(file_with("{" + tensor("a", "2", "0,18446744073709551615") + "}", 8),
                 "whole number");
  expect_refused(file_with("{" + tensor("a", "2", "-4,4") + "}", 8), "whole number");
  // 2^62 x 2^62 elements: the product wraps around to 0.
  expect_refused(
      file_with("{" + tensor("a", "4611686018427387904,4611686018427387904", "0,0") + "}", 0),
      "absurdly large");
  expect_refused(file_with("{" + tensor("a", "4611686018427387904", "0,0") + "}", 0),
                 "absurdly large");
  expect_refused(file_with("{" + tensor("a", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "0,4") + "}", 4),
                 "too many");
}

TEST(Safetensors, RefusesOtherTypesMissingAndUnknownMembers) {
  expect_refused(file_with(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8),
                 "dtype is F64");
  expect_refused(file_with(R"({"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}})", 4),
                 "must be a string");
  expect_refused(file_with(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4), "is missing");
  expect_refused(file_with(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4), "is missing");
  expect_refused(file_with(R"({"a":{"dtype":"F32","shape":[1]}})", 4), "is missing");
  expect_refused(file_with(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4),
                 "do not belong there");
  expect_refused(file_with(R"({"a":[]})", 0), "JSON object is expected");
  expect_refused(file_with(R"({"__metadata__":{"k":1}})", 0), "strings only");
  expect_refused(file_with(R"({"__metadata__":[]})", 0), "not an object");
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::vector<float> values(13, 0.5F);
  const std::string bytes = safetensors_bytes({{"a", {13}, values}, {"b", {1, 13}, values}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_safetensors(bytes.substr(0, size), "x"), Error) << size;
  }
  EXPECT_NO_THROW(parse_safetensors(bytes, "x"));
}

TEST(Safetensors, WritingRefusesWrongSizesAndTwoTensorsOfOneName) {
  const std::vector<float> values(2);
  EXPECT_THROW(safetensors_bytes({{"a", {3}, values}}), Error);
  EXPECT_THROW(safetensors_bytes({{"a", {2}, values}, {"a", {2}, values}}), Error);
}

TEST(Safetensors, ReadingAMissingFileOrADirectoryNamesIt) {
  for (const auto& path :
       {std::filesystem::path("/nowhere/x.safetensors"), std::filesystem::temp_directory_path()}) {
    try {
      read_safetensors(path);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCheckpoint);
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace charrnn
