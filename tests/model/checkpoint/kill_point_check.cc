// What scripts/checks/kill-points kills: one write of a checkpoint, and the look at what is left.

#include <iostream>
#include <string>

#include "base/error.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

Checkpoint sample(const std::string& name) {
  const std::uint64_t step = std::stoull(name);
  return name.ends_with('v') ? sample_with_cut_off_validation(step) : sample_checkpoint(step);
}

// Prints which of the samples is found; fails when it is none of them.
int find(const CheckpointStore& store, int count, char** names) {
  const auto found = store.newest();
  for (int i = 0; i < count; ++i) {
    if (found && same(*found, sample(names[i]))) {
      std::cout << names[i] << "\n";
      return 0;
    }
  }
  std::cerr << "none of the expected checkpoints is there\n";
  return 1;
}

}  // namespace
}  // namespace charrnn

// kill_point_check write|find DIRECTORY SAMPLE...: a sample is a step, with a `v` behind it one
// with a cut-off validation.
int main(int argc, char** argv) try {
  if (argc < 4) return 2;
  const charrnn::CheckpointStore store(argv[2]);
  if (argv[1] == std::string("find")) return charrnn::find(store, argc - 3, argv + 3);
  store.remove_leftovers();
  for (int i = 3; i < argc; ++i) store.write(charrnn::sample(argv[i]), 2);
  return 0;
} catch (const charrnn::Error& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
