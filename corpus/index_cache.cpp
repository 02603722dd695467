#include "corpus/index_cache.h"

#include <tbb/parallel_for.h>
#include <xxhash.h>

#include <atomic>
#include <cstring>
#include <type_traits>

#include "base/cache_folder.h"
#include "base/error.h"
#include "base/new_file.h"

namespace charrnn {
namespace {

// Grows with every change of what is written below, so that older files are not read.
constexpr std::uint64_t kFormat = 0x6368'6172'6e6e'0002;

// More is not believed of a count before memory is taken for it.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;

class Writer {
 public:
  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  template <typename T>
  void put_all(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    put<std::uint64_t>(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  void put_text(const std::string& text) {
    put<std::uint64_t>(text.size());
    bytes_ += text;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what Writer wrote. When the bytes do not suffice, everything is empty from there on.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T get() {
    T value{};
    take(&value, sizeof value);
    return value;
  }

  template <typename T>
  std::vector<T> get_all() {
    const std::uint64_t size = counted(sizeof(T));
    std::vector<T> values(size);
    take(values.data(), size * sizeof(T));
    return values;
  }

  bool done() const { return good_ && bytes_.empty(); }

 private:
  std::uint64_t counted(std::size_t each) {
    const auto size = get<std::uint64_t>();
    if (size <= bytes_.size() / each) return size;
    good_ = false;
    return 0;
  }

  void take(void* to, std::size_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      bytes_ = {};
    } else if (size > 0) {
      std::memcpy(to, bytes_.data(), size);
      bytes_.remove_prefix(size);
    }
  }

  std::string_view bytes_;
  bool good_ = true;
};

struct CountedCharacter {
  std::uint64_t character;
  std::uint64_t count;
};

void put_file(Writer& writer, const IndexedFile& file) {
  writer.put(file.status);
  writer.put(file.hash);
  writer.put(file.content);
  for (const std::uint64_t number :
       {file.begin, file.first_character, file.characters, file.first_block, file.block_count,
        file.invalid, file.first_invalid, std::uint64_t{file.uniform}}) {
    writer.put(number);
  }
}

IndexedFile get_file(Reader& reader) {
  IndexedFile file;
  file.status = reader.get<FileStatus>();
  file.hash = reader.get<SampledHash>();
  file.content = reader.get<CharacterHash>();
  for (std::uint64_t* number :
       {&file.begin, &file.first_character, &file.characters, &file.first_block, &file.block_count,
        &file.invalid, &file.first_invalid}) {
    *number = reader.get<std::uint64_t>();
  }
  file.uniform = reader.get<std::uint64_t>() != 0;
  return file;
}

std::string packed(const CorpusIndex& index) {
  Writer writer;
  writer.put<std::uint64_t>(index.block_bytes);
  std::vector<CountedCharacter> characters;
  for (const auto& [character, count] : index.characters) characters.push_back({character, count});
  writer.put_all(characters);
  writer.put_all(index.blocks);
  writer.put(index.content);
  for (const IndexedFile& file : index.files) put_file(writer, file);
  return writer.bytes();
}

std::optional<CorpusIndex> unpacked(std::string_view bytes, std::size_t files) {
  Reader reader(bytes);
  CorpusIndex index;
  index.block_bytes = static_cast<std::uint32_t>(reader.get<std::uint64_t>());
  for (const auto& [character, count] : reader.get_all<CountedCharacter>()) {
    index.characters.emplace_back(static_cast<char32_t>(character), count);
  }
  index.blocks = reader.get_all<BlockStart>();
  index.content = reader.get<CharacterHash>();
  for (std::size_t i = 0; i < files; ++i) index.files.push_back(get_file(reader));
  if (!reader.done()) return std::nullopt;
  return index;
}

struct Header {
  std::uint64_t format;
  std::uint64_t bytes;
  SampledHash checksum;  // of all bytes behind the header
};

Header header_of(std::string_view payload) {
  const XXH128_hash_t hash = XXH3_128bits(payload.data(), payload.size());
  return {kFormat, payload.size(), {hash.low64, hash.high64}};
}

std::optional<std::string> whole_payload(const std::filesystem::path& path) {
  const InputFile file(path.native());
  Header header{};
  if (file.read(0, reinterpret_cast<char*>(&header), sizeof header) < sizeof header ||
      header.format != kFormat || header.bytes > kMostBytes ||
      header.bytes + sizeof header != file.status().bytes) {
    return std::nullopt;
  }
  std::string payload(header.bytes, '\0');
  file.read_exactly(sizeof header, payload.data(), payload.size());
  if (!(header_of(payload).checksum == header.checksum)) return std::nullopt;
  return payload;
}

bool unchanged(const IndexedFile& indexed) {
  const InputFile file(indexed.path);
  return file.opened() == indexed.status && file.sampled_hash(indexed.bytes()) == indexed.hash;
}

bool all_unchanged(const CorpusIndex& index) {
  std::atomic<bool> same = true;
  tbb::parallel_for(std::size_t{0}, index.files.size(), [&](std::size_t i) {
    if (same && !unchanged(index.files[i])) same = false;
  });
  return same;
}

}  // namespace

std::filesystem::path index_file(const std::filesystem::path& folder,
                                 const std::vector<std::string>& paths, const TextForm& form,
                                 const IndexShape& shape) {
  Writer key;
  key.put(kFormat);
  for (const unsigned part :
       {static_cast<unsigned>(form.encoding), static_cast<unsigned>(form.invalid),
        unsigned{form.universal}, unsigned{shape.block_bytes}}) {
    key.put(part);
  }
  for (const std::string& path : paths) key.put_text(std::filesystem::absolute(path).native());
  return folder / "index" / (content_name(key.bytes()) + ".index");
}

std::optional<CorpusIndex> load_index(const std::filesystem::path& file,
                                      const std::vector<std::string>& paths) {
  try {
    const std::optional<std::string> payload = whole_payload(file);
    if (!payload) return std::nullopt;
    std::optional<CorpusIndex> index = unpacked(*payload, paths.size());
    if (!index) return std::nullopt;
    for (std::size_t i = 0; i < paths.size(); ++i) index->files[i].path = paths[i];
    if (!all_unchanged(*index)) return std::nullopt;
    return index;
  } catch (const Error&) {
    // Not there, or one of the files is not: the pass over the text tells what is wrong.
    return std::nullopt;
  }
}

void save_index(const std::filesystem::path& file, const CorpusIndex& index) {
  const std::string payload = packed(index);
  const Header header = header_of(payload);
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  write_whole_file(file, bytes.append(payload), FileKind::kCache);
}

}  // namespace charrnn
