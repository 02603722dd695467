// The one file that knows MPI. It is a module of its own, which is loaded where mpirun has started
// the program, so that one process alone needs no MPI on its machine.
#include <mpi.h>

#include <climits>
#include <list>
#include <stdexcept>
#include <vector>

#include "cluster/messenger.h"

namespace charrnn {
namespace {

void check(int code) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw std::runtime_error("MPI: " + std::string(text, static_cast<std::size_t>(length)));
}

int count_of(std::size_t size) {
  if (size > INT_MAX) throw std::runtime_error("MPI: more than 2^31 - 1 elements in a message");
  return static_cast<int>(size);
}

class MpiMessenger : public Messenger {
 public:
  MpiMessenger() {
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided));
    if (provided < MPI_THREAD_SERIALIZED) {
      throw std::runtime_error("MPI: this library cannot be called by more than one thread");
    }
    for (MPI_Comm* group : {&now_, &later_, &notes_}) {
      check(MPI_Comm_dup(MPI_COMM_WORLD, group));
      check(MPI_Comm_set_errhandler(*group, MPI_ERRORS_RETURN));
    }
    check(MPI_Comm_rank(now_, &rank_));
    check(MPI_Comm_size(now_, &size_));
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  std::string machine() const override {
    char name[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    check(MPI_Get_processor_name(name, &length));
    return {name, static_cast<std::size_t>(length)};
  }

  Operation sum(std::span<float> numbers) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), count_of(numbers.size()), MPI_FLOAT, MPI_SUM,
                         now_, &request));
    return keep(request);
  }

  Operation merge(std::span<std::byte> bytes) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Iallreduce(MPI_IN_PLACE, bytes.data(), count_of(bytes.size()), MPI_BYTE, MPI_BOR,
                         now_, &request));
    return keep(request);
  }

  Operation broadcast(std::span<std::byte> bytes, int from) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibcast(bytes.data(), count_of(bytes.size()), MPI_BYTE, from, now_, &request));
    return keep(request);
  }

  Operation send(std::span<const std::byte> bytes, int to) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Isend(bytes.data(), count_of(bytes.size()), MPI_BYTE, to, 0, now_, &request));
    return keep(request);
  }

  Operation receive(std::span<std::byte> bytes, int from) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Irecv(bytes.data(), count_of(bytes.size()), MPI_BYTE, from, 0, now_, &request));
    return keep(request);
  }

  bool done(Operation operation) override {
    int flag = 0;
    check(MPI_Test(&requests_[static_cast<std::size_t>(operation)], &flag, MPI_STATUS_IGNORE));
    return flag != 0;
  }

  void note(const std::string& text, int to) override {
    notes_sent_.remove_if([](Sent& sent) {
      int flag = 0;
      return MPI_Test(&sent.request, &flag, MPI_STATUS_IGNORE) == MPI_SUCCESS && flag != 0;
    });
    notes_sent_.push_back({text, MPI_REQUEST_NULL});
    Sent& sent = notes_sent_.back();
    check(MPI_Isend(sent.text.data(), count_of(sent.text.size()), MPI_BYTE, to, 0, notes_,
                    &sent.request));
  }

  std::optional<Note> read_note() override {
    int flag = 0;
    MPI_Status status;
    check(MPI_Iprobe(MPI_ANY_SOURCE, 0, notes_, &flag, &status));
    if (flag == 0) return std::nullopt;
    int size = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &size));
    Note note{.from = status.MPI_SOURCE, .text = std::string(static_cast<std::size_t>(size), ' ')};
    check(MPI_Recv(note.text.data(), size, MPI_BYTE, note.from, 0, notes_, MPI_STATUS_IGNORE));
    return note;
  }

  void start_afresh() override { now_ = later_; }

  void close() override { check(MPI_Finalize()); }

 private:
  struct Sent {
    std::string text;
    MPI_Request request;
  };

  Operation keep(MPI_Request request) {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      if (requests_[i] != MPI_REQUEST_NULL) continue;
      requests_[i] = request;
      return static_cast<Operation>(i);
    }
    requests_.push_back(request);
    return static_cast<Operation>(requests_.size() - 1);
  }

  int rank_ = 0;
  int size_ = 1;
  MPI_Comm now_ = MPI_COMM_NULL, later_ = MPI_COMM_NULL, notes_ = MPI_COMM_NULL;
  std::vector<MPI_Request> requests_;
  std::list<Sent> notes_sent_;
};

}  // namespace
}  // namespace charrnn

/// What the program looks for in this module.
extern "C" charrnn::Messenger* charrnn_make_messenger() { return new charrnn::MpiMessenger(); }
