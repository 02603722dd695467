#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_ops.h"

namespace charrnn {

inline constexpr std::string_view kManifestName = "MANIFEST.json";

/// The version of the format that is written; each from 1 on is read.
inline constexpr std::uint64_t kNewestFormat = 3;

/// What a manifest says about one file.
struct FileRecord {
  std::uint64_t size = 0;  ///< bytes
  std::string digest;      ///< XXH3-128 as 32 hexadecimal digits, as `xxhsum -H2` prints it

  bool operator==(const FileRecord&) const = default;
};

/// The content of MANIFEST.json: what a checkpoint consists of.
struct Manifest {
  std::uint64_t format = kNewestFormat;
  std::uint64_t step = 0;
  std::map<std::string, FileRecord> files;  ///< by name; without the manifest itself
};

/// The record of a file that consists of these pieces, one behind the other.
FileRecord record_of(const std::vector<std::string_view>& pieces);

/// The one text that a manifest has. Byte-deterministic.
std::string manifest_json(const Manifest& manifest);

/// The reverse. Refuses every text that manifest_json() would not write, so that no flipped byte of
/// a manifest goes unseen. Throws Error(kCheckpoint).
Manifest parse_manifest(std::string_view json, const std::string& origin);

/// Reads the manifest of a checkpoint directory and checks that it lists the files of a checkpoint:
/// all that must be there and no others. Throws Error(kCheckpoint).
Manifest read_manifest(FileOps& ops, const std::filesystem::path& directory);

/// The bytes of one listed file, of at most `limit` bytes, after comparing them with the manifest.
/// Throws Error(kCheckpoint).
std::string read_verified(FileOps& ops, const std::filesystem::path& directory,
                          const Manifest& manifest, const std::string& name, std::uint64_t limit);

/// Compares every file of a checkpoint directory with its manifest. Throws Error(kCheckpoint).
Manifest verify_directory(FileOps& ops, const std::filesystem::path& directory);

}  // namespace charrnn
