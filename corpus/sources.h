#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace charrnn {

/// The name of standard input among the sources.
inline constexpr const char* kStandardInput = "-";

/// The files that `sources` name, in the order of `sources`; what one of them stands for is sorted
/// by its bytes. A source is a file, a glob (`*`, `?`, `[a-z]`, `**/` for any depth, `{a,b}`,
/// `~/`), a directory (recursive; links are followed; names that begin with a dot are skipped),
/// `@list.txt` (one file, glob or directory a line, relative to the list; a byte order mark, blanks
/// around a name, empty lines and lines that begin with # are skipped), or `-`. A file that has the
/// very name of a source is that source. `key`: of the configuration, for messages. Inside
/// of a directory, runs of this program and its `cache` folder are no text and are skipped. Throws
/// Error(kInput) naming the source: missing, unreadable, neither file nor directory (a pipe), a
/// broken link, a directory that contains itself, or nothing found.
std::vector<std::string> find_files(const std::vector<std::string>& sources,
                                    const std::string& key = "corpus.files",
                                    const std::filesystem::path& cache = {});

}  // namespace charrnn
