// The C++ side of scripts/checks/safetensors and scripts/checks/export: writes files for Python and
// compares what comes back.

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "base/counter_rng.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"
#include "model/packed_network.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

constexpr int kFiles = 1000;

void write_file(const Path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

// Bit patterns of every kind: also NaN, infinite and denormal.
std::vector<float> random_bits(std::uint64_t key, std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t bits = philox(key, i, 0)[0];
    std::memcpy(&values[i], &bits, sizeof bits);
  }
  return values;
}

// Up to five tensors of up to four dimensions.
void write_random_file(const Path& file, std::uint64_t key) {
  std::vector<std::vector<float>> values;
  std::vector<TensorView> tensors;
  for (std::uint64_t i = 0; i < philox(key, 0, 1)[0] % 5 + 1; ++i) {
    const auto dice = philox(key, i, 2);
    std::vector<std::int64_t> shape;
    std::size_t size = 1;
    for (std::uint32_t d = 0; d < dice[0] % 5; ++d) {
      shape.push_back(philox(key, i, 3 + d)[0] % 6);
      size *= static_cast<std::size_t>(shape.back());
    }
    values.push_back(random_bits(key * 8 + i, size));
    tensors.push_back({"tensor \u00e4." + std::to_string(9 - i), shape, {}});
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].values = values[i];
  write_file(file, safetensors_bytes(tensors));
}

bool same_tensors(const Path& one, const Path& other) {
  const auto a = read_safetensors(one);
  const auto b = read_safetensors(other);
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a) {
    const auto found = b.find(name);
    if (found == b.end() || found->second.shape != tensor.shape) return false;
    const auto& values = found->second.values;
    if (!values.empty() &&
        std::memcmp(values.data(), tensor.values.data(), values.size() * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

// A checkpoint with random weights, and the scores that this program computes with it.
void write_checkpoint_and_scores(const Path& directory, CellKind cell) {
  const NetworkShape shape{.vocabulary = 83, .hidden = 64, .layers = 2, .cell = cell};
  constexpr int kRows = 3;
  constexpr int kLength = 20;
  Checkpoint checkpoint;
  checkpoint.state = fresh_state(shape, kRows, initial_weights(shape, 5));
  std::vector<char32_t> characters(83);
  for (std::size_t i = 0; i < characters.size(); ++i) characters[i] = U' ' + i;
  characters.front() = U'\n';
  characters.back() = U'\U0001F600';
  checkpoint.vocabulary = Vocabulary(characters, std::vector<std::uint64_t>(83, 1));
  checkpoint.vocabulary.set_reading({});
  CheckpointStore(directory / "checkpoints").write(checkpoint, 2);

  const PackedNetwork network(shape, checkpoint.state.weights);
  std::vector<float> all_symbols;
  std::vector<float> all_scores;
  for (int row = 0; row < kRows; ++row) {
    RowState state = zero_row_state(shape);
    RowState* const states[] = {&state};
    std::vector<float> scores(83);
    for (int t = 0; t < kLength; ++t) {
      const Symbol symbols[] = {static_cast<Symbol>(philox(1, t, row)[0] % 83)};
      network.advance(states, symbols, scores);
      all_symbols.push_back(symbols[0]);
      all_scores.insert(all_scores.end(), scores.begin(), scores.end());
    }
  }
  write_file(directory / "scores.safetensors",
             safetensors_bytes({{"symbols", {kRows, kLength}, all_symbols},
                                {"scores", {kRows, kLength, 83}, all_scores}}));
}

int compare(const Path& directory) {
  int different = 0;
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = std::to_string(i) + ".safetensors";
    different += same_tensors(directory / "ours" / name, directory / "theirs" / name) ? 0 : 1;
  }
  std::cout << kFiles
            << " random files, written here, read and written by Python, read here: " << different
            << " differ\n";
  return different == 0 ? 0 : 1;
}

int write(const Path& directory) {
  std::filesystem::create_directories(directory / "ours");
  for (int i = 0; i < kFiles; ++i) {
    write_random_file(directory / "ours" / (std::to_string(i) + ".safetensors"),
                      static_cast<std::uint64_t>(i));
  }
  write_checkpoint_and_scores(directory, CellKind::kLstm);
  return 0;
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) try {
  if (argc == 3 && std::string(argv[1]) == "write") return charrnn::write(argv[2]);
  if (argc == 3 && std::string(argv[1]) == "compare") return charrnn::compare(argv[2]);
  if (argc == 4 && std::string(argv[1]) == "checkpoint") {
    const auto cell = charrnn::value_of<charrnn::CellKind>(argv[2]);
    if (cell) return charrnn::write_checkpoint_and_scores(argv[3], *cell), 0;
  }
  std::cerr << "usage: interchange_check write|compare DIRECTORY\n"
               "       interchange_check checkpoint lstm|gru|rnn DIRECTORY\n";
  return 2;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
