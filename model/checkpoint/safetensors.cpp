#include "model/checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstring>
#include <limits>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/json.h"

namespace charrnn {
namespace {

namespace json = boost::json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kSizeBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kMostDimensions = 16;

[[noreturn]] void fail(const std::string& origin, const std::string& fault) {
  throw Error(ErrorKind::kCheckpoint, origin + ": not a usable safetensors file: " + fault);
}

void append_raw(std::string& out, const void* data, std::size_t size) {
  out.append(static_cast<const char*>(data), size);
}

json::object describe(const TensorView& tensor, std::size_t begin) {
  json::array shape(tensor.shape.begin(), tensor.shape.end());
  return {{"dtype", "F32"},
          {"shape", std::move(shape)},
          {"data_offsets", json::array{begin, begin + tensor.values.size_bytes()}}};
}

std::string_view header_text(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < kSizeBytes) fail(origin, "it has fewer than 8 bytes");
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), kSizeBytes);
  if (size > kLongestHeader) fail(origin, "its header would be longer than 100 MB");
  if (size > bytes.size() - kSizeBytes) fail(origin, "it ends inside its header");
  const std::string_view header = bytes.substr(kSizeBytes, size);
  if (header.empty() || header.front() != '{') fail(origin, "its header does not begin with {");
  return header;
}

// Bytes of a tensor of this shape; refuses what does not fit into memory's address range.
std::uint64_t bytes_of(const std::vector<std::int64_t>& shape, const std::string& origin) {
  std::uint64_t bytes = sizeof(float);
  for (const std::int64_t extent : shape) {
    const auto n = static_cast<std::uint64_t>(extent);
    if (__builtin_mul_overflow(bytes, n, &bytes)) fail(origin, "its shape is absurdly large");
  }
  return bytes;
}

std::vector<std::uint64_t> whole_numbers(const json::value& value, const std::string& origin) {
  const json::array* array = value.if_array();
  if (array == nullptr) fail(origin, "an array of whole numbers is expected");
  if (array->size() > kMostDimensions) fail(origin, "an array has too many elements");
  std::vector<std::uint64_t> numbers;
  for (const json::value& element : *array) {
    const std::int64_t* number = element.if_int64();
    if (number == nullptr || *number < 0) fail(origin, "a whole number, 0 or more, is expected");
    numbers.push_back(static_cast<std::uint64_t>(*number));
  }
  return numbers;
}

TensorPlace tensor_place(std::string_view name, const json::value& description,
                         std::size_t data_begin, std::size_t data_size, const std::string& origin) {
  const std::string where = origin + ": tensor " + std::string(name);
  JsonFields fields(description, where);
  const std::string dtype = fields.text("dtype");
  if (dtype != "F32") fail(where, "its dtype is " + dtype + ", only F32 is read here");
  const auto extents = whole_numbers(fields.member("shape"), where);
  const auto offsets = whole_numbers(fields.member("data_offsets"), where);
  fields.finish();
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size) {
    fail(where, "its data_offsets do not lie inside the file");
  }
  TensorPlace place{.name = std::string(name),
                    .shape = {extents.begin(), extents.end()},
                    .begin = data_begin + offsets[0],
                    .size = offsets[1] - offsets[0]};
  if (bytes_of(place.shape, where) != place.size) fail(where, "its shape and size do not agree");
  return place;
}

void check_metadata(const json::value& metadata, const std::string& origin) {
  const json::object* object = metadata.if_object();
  if (object == nullptr) fail(origin, "__metadata__ is not an object");
  for (const auto& [key, value] : *object) {
    if (!value.is_string()) fail(origin, "__metadata__ may hold strings only");
  }
}

// The tensors must cover the data exactly: no hole, no overlap, nothing after the last.
void check_cover(const std::vector<TensorPlace>& places, std::size_t begin, std::size_t end,
                 const std::string& origin) {
  for (const TensorPlace& place : places) {
    if (place.begin < begin) fail(origin, "tensor " + place.name + " overlaps another");
    if (place.begin > begin) fail(origin, "there is a hole before tensor " + place.name);
    begin = place.begin + place.size;
  }
  if (begin != end) fail(origin, "there are bytes after the last tensor");
}

std::vector<float> values_at(std::string_view bytes, const TensorPlace& place) {
  std::vector<float> values(place.size / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data() + place.begin, place.size);
  return values;
}

}  // namespace

std::string safetensors_header(const std::vector<TensorView>& tensors,
                               const std::map<std::string, std::string>& metadata) {
  json::object header;
  if (!metadata.empty()) {
    json::object strings;
    for (const auto& [key, value] : metadata) strings[key] = value;
    header["__metadata__"] = std::move(strings);
  }
  std::size_t begin = 0;
  for (const TensorView& tensor : tensors) {
    if (bytes_of(tensor.shape, tensor.name) != tensor.values.size_bytes()) {
      throw Error(ErrorKind::kInternal,
                  "tensor " + tensor.name + " does not have its shape's size");
    }
    if (!header.emplace(tensor.name, describe(tensor, begin)).second) {
      throw Error(ErrorKind::kInternal, "two tensors are called " + tensor.name);
    }
    begin += tensor.values.size_bytes();
  }
  std::string text = json::serialize(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  std::string out;
  append_raw(out, &size, kSizeBytes);
  return out + text;
}

std::string safetensors_bytes(const std::vector<TensorView>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  std::string out = safetensors_header(tensors, metadata);
  for (const TensorView& tensor : tensors) {
    append_raw(out, tensor.values.data(), tensor.values.size_bytes());
  }
  return out;
}

std::vector<TensorPlace> safetensors_index(std::string_view bytes, const std::string& origin) {
  const std::string_view text = header_text(bytes, origin);
  const json::value header = parse_json(text, origin);
  if (!header.is_object()) fail(origin, "its header is not an object");
  const std::size_t data_begin = kSizeBytes + text.size();
  const std::size_t data_size = bytes.size() - data_begin;
  std::vector<TensorPlace> places;
  for (const auto& [key, value] : header.get_object()) {
    if (key == "__metadata__") {
      check_metadata(value, origin);
    } else {
      places.push_back(
          tensor_place({key.data(), key.size()}, value, data_begin, data_size, origin));
    }
  }
  std::stable_sort(places.begin(), places.end(), [](const TensorPlace& a, const TensorPlace& b) {
    return std::pair(a.begin, a.size) < std::pair(b.begin, b.size);
  });
  check_cover(places, data_begin, bytes.size(), origin);
  return places;
}

std::map<std::string, Tensor> parse_safetensors(std::string_view bytes, const std::string& origin) {
  std::map<std::string, Tensor> tensors;
  for (TensorPlace& place : safetensors_index(bytes, origin)) {
    std::vector<float> values = values_at(bytes, place);
    tensors.emplace(std::move(place.name), Tensor{std::move(place.shape), std::move(values)});
  }
  return tensors;
}

std::map<std::string, Tensor> read_safetensors(const std::filesystem::path& file) {
  constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  return parse_safetensors(read_file(system_file_ops(), file, kNoLimit), file.string());
}

}  // namespace charrnn
