#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace charrnn {

/// What carries messages between the processes of one run, its ranks. Operations are begun and
/// asked after, never waited for; the memory of one is lent until it is done. All ranks begin the
/// collective ones in the same order. One caller at a time. Throws std::runtime_error with what the
/// library says.
class Messenger {
 public:
  /// An operation under way.
  using Operation = int;

  virtual ~Messenger() = default;

  virtual int rank() const = 0;  ///< of this process, from 0
  virtual int size() const = 0;  ///< how many there are

  /// The name of this process's machine.
  virtual std::string machine() const = 0;

  /// Collective: adds up each number over all ranks, to the same bits on each.
  virtual Operation sum(std::span<float> numbers) = 0;

  /// Collective: the bits that any rank has set.
  virtual Operation merge(std::span<std::byte> bytes) = 0;

  /// Collective: everybody gets what `from` has.
  virtual Operation broadcast(std::span<std::byte> bytes, int from) = 0;

  /// From one rank to another, in order.
  virtual Operation send(std::span<const std::byte> bytes, int to) = 0;
  virtual Operation receive(std::span<std::byte> bytes, int from) = 0;

  /// Whether an operation is done; then it is over.
  virtual bool done(Operation operation) = 0;

  /// Sends a note that overtakes everything else. Returns at once.
  virtual void note(const std::string& text, int to) = 0;

  /// A note that has come.
  struct Note {
    int from = 0;
    std::string text;
  };
  virtual std::optional<Note> read_note() = 0;

  /// Leaves all operations that are not done as they are: those that begin from now on, on every
  /// rank, have nothing to do with them. Once.
  virtual void start_afresh() = 0;

  /// Collective: the end. Nothing may be called afterwards.
  virtual void close() = 0;
};

}  // namespace charrnn
