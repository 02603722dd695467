#include "tests/base/memory_files.h"

#include <algorithm>
#include <cerrno>

#include "base/counter_rng.h"

namespace charrnn {

// Dice of one loss of power.
struct MemoryFiles::Damage {
  std::uint64_t seed;
  std::uint64_t throws = 0;

  std::uint32_t below(std::size_t limit) {
    return philox(seed, throws++, 0)[0] % static_cast<std::uint32_t>(limit);
  }

  // Some losses keep everything, some nothing that was not synced, most a part.
  bool keeps() {
    if (seed % 8 == 0) return true;
    if (seed % 8 == 1) return false;
    return below(2) == 0;
  }
};

MemoryFiles::MemoryFiles() : root_(std::make_shared<Node>()) { root_->is_directory = true; }

MemoryFiles::NodePtr MemoryFiles::find(const Path& path) const {
  NodePtr node = root_;
  for (const Path& part : path.relative_path()) {
    if (part.empty() || part == ".") continue;
    if (!node->is_directory) return nullptr;
    const auto found = node->entries.find(part.string());
    if (found == node->entries.end()) return nullptr;
    node = found->second;
  }
  return node;
}

void MemoryFiles::apply(Entries& entries, const Entries& change) {
  for (const auto& [name, node] : change) {
    if (node) {
      entries[name] = node;
    } else {
      entries.erase(name);
    }
  }
}

void MemoryFiles::change(Node& directory, Entries change) {
  apply(directory.entries, change);
  directory.changes.push_back(std::move(change));
}

MemoryFiles::NodePtr MemoryFiles::damaged(const Node& node, Damage& damage) {
  auto copy = std::make_shared<Node>();
  copy->is_directory = node.is_directory;
  if (!node.is_directory) {
    // Files only grow here. Blocks of 16 bytes after what was synced arrive or stay zero.
    std::string bytes = node.bytes;
    for (std::size_t i = node.synced_bytes.size(); i < bytes.size(); i += 16) {
      if (!damage.keeps()) {
        std::fill_n(bytes.begin() + i, std::min<std::size_t>(16, bytes.size() - i), '\0');
      }
    }
    if (!damage.keeps()) {
      bytes.resize(node.synced_bytes.size() +
                   damage.below(bytes.size() - node.synced_bytes.size() + 1));
    }
    copy->bytes = copy->synced_bytes = bytes;
    return copy;
  }
  Entries entries = node.synced_entries;
  for (const Entries& change : node.changes) {
    if (damage.keeps()) apply(entries, change);
  }
  for (const auto& [name, child] : entries) copy->entries[name] = damaged(*child, damage);
  copy->synced_entries = copy->entries;
  return copy;
}

std::unique_ptr<MemoryFiles> MemoryFiles::after_power_loss(std::uint64_t seed) const {
  Damage damage{.seed = seed};
  auto files = std::make_unique<MemoryFiles>();
  files->root_ = damaged(*root_, damage);
  files->can_exchange_ = can_exchange_;
  return files;
}

FileOps::Result MemoryFiles::open_node(NodePtr node) {
  open_[next_descriptor_] = {std::move(node), 0};
  return next_descriptor_++;
}

FileOps::Result MemoryFiles::create(const Path& file, unsigned /*mode*/) {
  if (is_off()) return -EIO;
  const NodePtr parent = find(file.parent_path());
  if (!parent) return -ENOENT;
  if (parent->entries.contains(file.filename())) return -EEXIST;
  const auto node = std::make_shared<Node>();
  change(*parent, {{file.filename(), node}});
  return open_node(node);
}

FileOps::Result MemoryFiles::lock(int /*descriptor*/) { return is_off() ? -EIO : 0; }

FileOps::Result MemoryFiles::write(int descriptor, std::span<const char> bytes) {
  if (is_off()) return -EIO;
  open_.at(descriptor).node->bytes.append(bytes.data(), bytes.size());
  return static_cast<Result>(bytes.size());
}

FileOps::Result MemoryFiles::sync(int descriptor) {
  if (is_off()) return -EIO;
  Node& node = *open_.at(descriptor).node;
  node.synced_bytes = node.bytes;
  node.synced_entries = node.entries;
  node.changes.clear();
  return 0;
}

FileOps::Result MemoryFiles::close(int descriptor) {
  open_.erase(descriptor);
  return is_off() ? -EIO : 0;
}

FileOps::Result MemoryFiles::open(const Path& file) {
  if (is_off()) return -EIO;
  NodePtr node = find(file);
  if (!node) return -ENOENT;
  return node->is_directory ? -EINVAL : open_node(std::move(node));
}

FileOps::Result MemoryFiles::open_directory(const Path& directory) {
  if (is_off()) return -EIO;
  NodePtr node = find(directory);
  if (!node) return -ENOENT;
  return node->is_directory ? open_node(std::move(node)) : -ENOTDIR;
}

FileOps::Result MemoryFiles::size(int descriptor) {
  if (is_off()) return -EIO;
  return static_cast<Result>(open_.at(descriptor).node->bytes.size());
}

FileOps::Result MemoryFiles::read(int descriptor, std::span<char> bytes) {
  if (is_off()) return -EIO;
  Descriptor& open = open_.at(descriptor);
  const std::size_t got = std::min(bytes.size(), open.node->bytes.size() - open.position);
  std::copy_n(open.node->bytes.begin() + static_cast<std::ptrdiff_t>(open.position), got,
              bytes.begin());
  open.position += got;
  return static_cast<Result>(got);
}

FileOps::Result MemoryFiles::make_directory(const Path& directory) {
  if (is_off()) return -EIO;
  const NodePtr parent = find(directory.parent_path());
  if (!parent) return -ENOENT;
  if (parent->entries.contains(directory.filename())) return -EEXIST;
  const auto node = std::make_shared<Node>();
  node->is_directory = true;
  change(*parent, {{directory.filename(), node}});
  return 0;
}

FileOps::Result MemoryFiles::rename(const Path& from, const Path& to) {
  if (is_off()) return -EIO;
  const NodePtr node = find(from);
  if (!node) return -ENOENT;
  if (find(to)) return -EEXIST;
  change(*find(from.parent_path()), {{from.filename(), nullptr}, {to.filename(), node}});
  return 0;
}

FileOps::Result MemoryFiles::replace(const Path& from, const Path& to) {
  if (is_off()) return -EIO;
  const NodePtr node = find(from);
  if (!node) return -ENOENT;
  change(*find(from.parent_path()), {{from.filename(), nullptr}, {to.filename(), node}});
  return 0;
}

FileOps::Result MemoryFiles::exchange(const Path& one, const Path& other) {
  if (is_off()) return -EIO;
  if (!can_exchange_) return -EINVAL;
  const NodePtr first = find(one);
  const NodePtr second = find(other);
  if (!first || !second) return -ENOENT;
  change(*find(one.parent_path()), {{one.filename(), second}, {other.filename(), first}});
  return 0;
}

FileOps::Result MemoryFiles::remove(const Path& path, bool is_directory) {
  if (is_off()) return -EIO;
  const NodePtr node = find(path);
  if (!node) return -ENOENT;
  if (node->is_directory != is_directory) return is_directory ? -ENOTDIR : -EISDIR;
  if (!node->entries.empty()) return -ENOTEMPTY;
  change(*find(path.parent_path()), {{path.filename(), nullptr}});
  return 0;
}

FileOps::Result MemoryFiles::remove_file(const Path& file) { return remove(file, false); }

FileOps::Result MemoryFiles::remove_directory(const Path& directory) {
  return remove(directory, true);
}

FileOps::Result MemoryFiles::list(const Path& directory, std::vector<std::string>& names) {
  if (is_off()) return -EIO;
  const NodePtr node = find(directory);
  if (!node) return -ENOENT;
  if (!node->is_directory) return -ENOTDIR;
  for (const auto& [name, child] : node->entries) names.push_back(name);
  return 0;
}

}  // namespace charrnn
