#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_ops.h"

namespace charrnn {

/// The key of the configuration that an error's message suggests to change.
inline constexpr const char* kRunKey = "run.directory";

/// Makes a directory and those above it that are missing, and syncs the parent of each. Throws
/// Error(kIo).
void make_directories(FileOps& ops, const std::filesystem::path& directory,
                      const char* key = kRunKey);

/// Appends all of `bytes` to an open file. Throws Error(kIo) that names `file`.
void write_all(FileOps& ops, int descriptor, std::string_view bytes,
               const std::filesystem::path& file, const char* key = kRunKey);

/// Makes a new file of these pieces, one after another, and returns when it is on the disk. A
/// failed sync is final: the content of the file is then unknown. Throws Error(kIo).
void write_durably(FileOps& ops, const std::filesystem::path& file,
                   const std::vector<std::string_view>& pieces);

/// Returns when the names in a directory are on the disk. Throws Error(kIo).
void sync_directory(FileOps& ops, const std::filesystem::path& directory,
                    const char* key = kRunKey);

/// All bytes of a regular file of at most `limit` bytes. Throws Error(kCheckpoint).
std::string read_file(FileOps& ops, const std::filesystem::path& file, std::uint64_t limit);

/// Removes a directory and the files in it. Returns 0, or the first errno met: then some of it is
/// still there.
int remove_directory_with_files(FileOps& ops, const std::filesystem::path& directory);

/// Throws Error(kIo) when an operation has failed: "cannot WHAT PATH: why; what to do". `key`: what
/// may name another place.
void require_done(FileOps::Result result, const std::string& what,
                  const std::filesystem::path& path, const char* key = kRunKey);

/// What an errno means, in words.
std::string describe_errno(std::int64_t number);

}  // namespace charrnn
