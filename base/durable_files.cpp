#include "base/durable_files.h"

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;
using Result = FileOps::Result;

// More interruptions than this in a row are no accident: give up instead of spinning.
constexpr int kMostInterruptions = 100;

template <typename Call>
Result uninterrupted(Call call) {
  Result result = -EINTR;
  for (int i = 0; i < kMostInterruptions && result == -EINTR; ++i) result = call();
  return result;
}

std::string advice(std::int64_t number, const std::string& key) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space there, or let " + key + " name another disk";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; make it writable, or let " + key + " name another place";
    case EIO:
      return "; the disk may be failing";
    default:
      return "";
  }
}

void require_readable(Result result, const Path& file) {
  if (result >= 0) return;
  const std::string reason = result == -EINVAL ? "it is no regular file" : describe_errno(-result);
  throw Error(ErrorKind::kCheckpoint, "cannot read " + file.string() + ": " + reason);
}

// Closes its descriptor at the end of its scope unless close() was called.
class Descriptor {
 public:
  Descriptor(FileOps& ops, Result descriptor) : ops_(ops), number_(static_cast<int>(descriptor)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int number() const { return number_; }

  Result close() {
    if (number_ < 0) return 0;
    const Result result = ops_.close(number_);
    number_ = -1;
    // An interrupted close() has closed on Linux.
    return result == -EINTR ? 0 : result;
  }

 private:
  FileOps& ops_;
  int number_;
};

void read_all(FileOps& ops, int descriptor, std::string& bytes, const Path& file) {
  std::span<char> rest(bytes);
  while (!rest.empty()) {
    const Result got = uninterrupted([&] { return ops.read(descriptor, rest); });
    require_readable(got, file);
    if (got == 0) throw Error(ErrorKind::kCheckpoint, file.string() + " is shorter than it was");
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

void write_all(FileOps& ops, int descriptor, std::string_view bytes, const Path& file,
               const char* key) {
  while (!bytes.empty()) {
    const Result written = uninterrupted([&] { return ops.write(descriptor, bytes); });
    require_done(written == 0 ? -EIO : written, "write", file, key);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void make_directories(FileOps& ops, const Path& directory, const char* key) {
  const Result made = ops.make_directory(directory);
  if (made == -EEXIST) return;
  const Path parent = directory.has_parent_path() ? directory.parent_path() : Path(".");
  if (made == -ENOENT && parent != directory) {
    make_directories(ops, parent, key);
    const Result again = ops.make_directory(directory);
    require_done(again == -EEXIST ? 0 : again, "make", directory, key);
  } else {
    require_done(made, "make", directory, key);
  }
  sync_directory(ops, parent, key);
}

void write_durably(FileOps& ops, const Path& file, const std::vector<std::string_view>& pieces) {
  constexpr unsigned kAsUmaskSays = 0666;
  const Result opened = uninterrupted([&] { return ops.create(file, kAsUmaskSays); });
  require_done(opened, "make", file);
  Descriptor descriptor(ops, opened);
  for (const std::string_view piece : pieces) write_all(ops, descriptor.number(), piece, file);
  require_done(ops.sync(descriptor.number()), "sync", file);
  require_done(descriptor.close(), "close", file);
}

void sync_directory(FileOps& ops, const Path& directory, const char* key) {
  const Result opened = uninterrupted([&] { return ops.open_directory(directory); });
  require_done(opened, "open", directory, key);
  Descriptor descriptor(ops, opened);
  require_done(ops.sync(descriptor.number()), "sync", directory, key);
  require_done(descriptor.close(), "close", directory, key);
}

std::string read_file(FileOps& ops, const Path& file, std::uint64_t limit) {
  const Result opened = uninterrupted([&] { return ops.open(file); });
  require_readable(opened, file);
  Descriptor descriptor(ops, opened);
  const Result size = ops.size(descriptor.number());
  require_readable(size, file);
  if (static_cast<std::uint64_t>(size) > limit) {
    throw Error(ErrorKind::kCheckpoint, file.string() + " has " + std::to_string(size) +
                                            " bytes, more than the " + std::to_string(limit) +
                                            " that are possible");
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  read_all(ops, descriptor.number(), bytes, file);
  return bytes;
}

int remove_directory_with_files(FileOps& ops, const Path& directory) {
  std::vector<std::string> names;
  Result first = ops.list(directory, names);
  if (first == -ENOENT) return 0;
  if (first == -ENOTDIR) return static_cast<int>(-ops.remove_file(directory));
  for (const std::string& name : names) {
    const Result removed = ops.remove_file(directory / name);
    if (first >= 0) first = removed;
  }
  const Result removed = ops.remove_directory(directory);
  return static_cast<int>(-(first >= 0 ? removed : first));
}

void require_done(Result result, const std::string& what, const Path& path, const char* key) {
  if (result >= 0) return;
  throw Error(ErrorKind::kIo, "cannot " + what + " " + path.string() + ": " +
                                  describe_errno(-result) + advice(-result, key));
}

std::string describe_errno(std::int64_t number) {
  return std::generic_category().message(static_cast<int>(number));
}

}  // namespace charrnn
