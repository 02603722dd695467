#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_ops.h"

namespace charrnn {

/// Makes a directory and those above it that are missing, and syncs each one's parent. Throws
/// Error(kIo).
void make_directories(FileOps& ops, const std::filesystem::path& directory);

/// Makes a new file of these pieces, one behind the other, and returns when it is on the disk. A
/// failed sync is final: the file's content is then unknown. Throws Error(kIo).
void write_durably(FileOps& ops, const std::filesystem::path& file,
                   const std::vector<std::string_view>& pieces);

/// Returns when the names in a directory are on the disk. Throws Error(kIo).
void sync_directory(FileOps& ops, const std::filesystem::path& directory);

/// All bytes of a regular file of at most `limit` bytes. Throws Error(kCheckpoint).
std::string read_file(FileOps& ops, const std::filesystem::path& file, std::uint64_t limit);

/// Removes a directory and the files in it. Returns 0, or the first errno met: then some of it is
/// still there.
int remove_directory_with_files(FileOps& ops, const std::filesystem::path& directory);

/// Throws Error(kIo) when an operation has failed: "cannot WHAT PATH: why; what to do".
void require_done(FileOps::Result result, const std::string& what,
                  const std::filesystem::path& path);

/// What an errno means, in words.
std::string describe_errno(std::int64_t number);

}  // namespace charrnn
