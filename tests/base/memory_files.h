#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file_ops.h"

namespace charrnn {

/// A file system in memory that knows what a disk would still hold after a loss of power: a file's
/// bytes are safe after its sync(), a directory's names after that of the directory.
class MemoryFiles final : public FileOps {
 public:
  MemoryFiles();

  /// From the n-th call on (from 1), nothing has any effect and every call fails.
  void lose_power_at(std::uint64_t call) { last_call_ = call; }

  /// True when that has happened.
  bool has_no_power() const { return calls_ >= last_call_; }

  /// Calls so far.
  std::uint64_t calls() const { return calls_; }

  /// exchange() answers -EINVAL, as file systems do that cannot swap.
  void cannot_exchange() { can_exchange_ = false; }

  /// What is found when the power returns: everything synced, and any part of the rest, in pieces
  /// and out of order. Another seed damages otherwise.
  std::unique_ptr<MemoryFiles> after_power_loss(std::uint64_t seed) const;

  /// What is found when only the process ended: everything that was done.
  std::unique_ptr<MemoryFiles> after_kill() const { return after_power_loss(kKeepsAll); }

  Result create(const Path& file, unsigned mode) override;
  Result lock(int descriptor) override;
  Result write(int descriptor, std::span<const char> bytes) override;
  Result sync(int descriptor) override;
  Result close(int descriptor) override;
  Result open(const Path& file) override;
  Result open_directory(const Path& directory) override;
  Result size(int descriptor) override;
  Result read(int descriptor, std::span<char> bytes) override;
  Result make_directory(const Path& directory) override;
  Result rename(const Path& from, const Path& to) override;
  Result replace(const Path& from, const Path& to) override;
  Result exchange(const Path& one, const Path& other) override;
  Result remove_file(const Path& file) override;
  Result remove_directory(const Path& directory) override;
  Result list(const Path& directory, std::vector<std::string>& names) override;

 private:
  static constexpr std::uint64_t kKeepsAll = 0;

  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  using Entries = std::map<std::string, NodePtr>;

  struct Node {
    bool is_directory = false;
    std::string bytes;             // of a file
    std::string synced_bytes;      // of a file
    Entries entries;               // of a directory
    Entries synced_entries;        // of a directory
    std::vector<Entries> changes;  // since the last sync; a null node: the name is gone
  };

  struct Descriptor {
    NodePtr node;
    std::size_t position = 0;
  };

  struct Damage;

  bool is_off() { return ++calls_ >= last_call_; }
  NodePtr find(const Path& path) const;
  static void change(Node& directory, Entries change);
  static void apply(Entries& entries, const Entries& change);
  static NodePtr damaged(const Node& node, Damage& damage);
  Result open_node(NodePtr node);
  Result remove(const Path& path, bool is_directory);

  NodePtr root_;
  std::map<int, Descriptor> open_;
  int next_descriptor_ = 3;
  std::uint64_t calls_ = 0;
  std::uint64_t last_call_ = UINT64_MAX;
  bool can_exchange_ = true;
};

}  // namespace charrnn
