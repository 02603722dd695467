#include "model/checkpoint/manifest.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/json.h"
#include "model/checkpoint/files.h"

namespace charrnn {
namespace {

constexpr std::string_view kFormat = "charrnn checkpoint";
constexpr std::uint64_t kLongestManifest = 1 << 16;

[[noreturn]] void fail(const std::string& origin, const std::string& fault) {
  throw Error(ErrorKind::kCheckpoint, origin + ": " + fault);
}

FileRecord parse_record(const boost::json::value& value, const std::string& origin) {
  JsonFields fields(value, origin);
  FileRecord record{.size = fields.whole("size", INT64_MAX), .digest = fields.text("xxh3_128")};
  fields.finish();
  return record;
}

void check_names(const Manifest& manifest, const std::string& origin) {
  for (const std::string_view name : kRequiredFiles) {
    if (!manifest.files.contains(std::string(name))) {
      fail(origin, "does not list " + std::string(name));
    }
  }
  for (const auto& [name, record] : manifest.files) {
    const bool required = std::ranges::find(kRequiredFiles, name) != kRequiredFiles.end();
    if (!required && name != kPendingValidationFile) {
      fail(origin, "lists " + name + ", which does not belong to a checkpoint");
    }
  }
}

}  // namespace

FileRecord record_of(const std::vector<std::string_view>& pieces) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  if (state == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  FileRecord record;
  for (const std::string_view piece : pieces) {
    XXH3_128bits_update(state.get(), piece.data(), piece.size());
    record.size += piece.size();
  }
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state.get()));
  for (const unsigned char byte : bytes.digest) {
    record.digest += "0123456789abcdef"[byte >> 4];
    record.digest += "0123456789abcdef"[byte & 15];
  }
  return record;
}

std::string manifest_json(const Manifest& manifest) {
  boost::json::object files;
  for (const auto& [name, record] : manifest.files) {
    files[name] = {{"size", record.size}, {"xxh3_128", record.digest}};
  }
  return print_json({{"format", kFormat},
                     {"version", manifest.format},
                     {"step", manifest.step},
                     {"files", std::move(files)}});
}

Manifest parse_manifest(std::string_view json, const std::string& origin) {
  const boost::json::value value = parse_json(json, origin);
  JsonFields fields(value, origin);
  if (fields.text("format") != kFormat) fail(origin, "is not the manifest of a checkpoint");
  Manifest manifest{.format = fields.whole("version"), .files = {}};
  if (manifest.format < 1 || manifest.format > kNewestFormat) {
    fail(origin, "has format version " + std::to_string(manifest.format) +
                     "; this program reads versions 1 to " + std::to_string(kNewestFormat));
  }
  manifest.step = fields.whole("step");
  const boost::json::object* files = fields.member("files").if_object();
  if (files == nullptr) fail(origin, "\"files\" must be an object");
  for (const auto& [name, record] : *files) {
    manifest.files.emplace(name, parse_record(record, origin + ": " + std::string(name)));
  }
  if (manifest_json(manifest) != json) fail(origin, "is not as it was written");
  return manifest;
}

Manifest read_manifest(FileOps& ops, const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kManifestName;
  Manifest manifest = parse_manifest(read_file(ops, file, kLongestManifest), file.string());
  check_names(manifest, file.string());
  return manifest;
}

std::string read_verified(FileOps& ops, const std::filesystem::path& directory,
                          const Manifest& manifest, const std::string& name, std::uint64_t limit) {
  const std::filesystem::path file = directory / name;
  const auto record = manifest.files.find(name);
  if (record == manifest.files.end()) fail(file.string(), "is not listed in the manifest");
  std::string bytes = read_file(ops, file, std::min(record->second.size, limit));
  if (record_of({bytes}) != record->second) fail(file.string(), "is damaged (size or checksum)");
  return bytes;
}

Manifest verify_directory(FileOps& ops, const std::filesystem::path& directory) {
  Manifest manifest = read_manifest(ops, directory);
  for (const auto& [name, record] : manifest.files) {
    read_verified(ops, directory, manifest, name, record.size);
  }
  return manifest;
}

}  // namespace charrnn
