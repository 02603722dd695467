#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/file_ops.h"
#include "model/checkpoint/files.h"

namespace charrnn {

/// What the name of a directory ends with that is not, or no longer, a checkpoint.
inline constexpr std::string_view kTemporarySuffix = ".tmp";

/// Makes `target` a checkpoint directory with these files and a manifest, in one instant and for
/// good: everything is written beside it, synced, read back and compared before the rename, and the
/// rename is on the disk when this returns. A directory that was there is replaced, or left alone
/// when it is good and differs in timing.json at most. Throws Error(kIo); then `target` is what it
/// was, or, when only the last sync failed, what it should be.
void commit(FileOps& ops, const std::filesystem::path& target, std::uint64_t step,
            const std::vector<FileImage>& files);

/// Removes a checkpoint directory. It loses its name first, so that what is half removed never
/// looks like a checkpoint. Returns 0 or the errno.
int remove_committed(FileOps& ops, const std::filesystem::path& directory);

}  // namespace charrnn
