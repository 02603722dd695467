#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// One F32 tensor to write; the values are borrowed until the write returns.
struct TensorView {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

/// One F32 tensor that was read.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Where one tensor lies inside a safetensors file.
struct TensorPlace {
  std::string name;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0;  ///< first byte, from the beginning of the file
  std::size_t size = 0;   ///< bytes, 4 for each value
};

/// All of a safetensors file that stands before the values of these tensors: what
/// safetensors_bytes() begins with.
std::string safetensors_header(const std::vector<TensorView>& tensors,
                               const std::map<std::string, std::string>& metadata = {});

/// The tensors of a safetensors file in the order of their bytes; checks what parse_safetensors()
/// checks, copies no values.
std::vector<TensorPlace> safetensors_index(std::string_view bytes, const std::string& origin);

/// The bytes of a safetensors file with these tensors in this order. Byte-deterministic: header
/// padded with spaces to 8 bytes, no metadata but what is given.
std::string safetensors_bytes(const std::vector<TensorView>& tensors,
                              const std::map<std::string, std::string>& metadata = {});

/// Parses a safetensors file; trusts nothing: header size and JSON, duplicate keys, dtypes (F32
/// only), shapes, offsets, holes, overlaps, short or trailing bytes. Throws Error(kCheckpoint)
/// naming `origin` and the fault.
std::map<std::string, Tensor> parse_safetensors(std::string_view bytes, const std::string& origin);

/// Reads and parses a file. Throws Error(kCheckpoint) also when it cannot be read.
std::map<std::string, Tensor> read_safetensors(const std::filesystem::path& file);

}  // namespace charrnn
