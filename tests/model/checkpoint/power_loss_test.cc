#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/memory_files.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

constexpr const char* kDirectory = "/run/checkpoints";

// A write during which the power is lost, and what must be found then.
struct Scenario {
  const char* name;
  Checkpoint written_before;  ///< the newest one of a run
  Checkpoint written;         ///< the one that is interrupted
  int keep;
  bool can_exchange;
};

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

void prepare(MemoryFiles& files, const Scenario& scenario) {
  if (!scenario.can_exchange) files.cannot_exchange();
  files.make_directory("/run");
  // The user's run directory itself was made long ago.
  files.sync(static_cast<int>(files.open_directory("/")));
  const CheckpointStore store(kDirectory, files);
  store.write(sample_checkpoint(1), 3);
  store.write(sample_checkpoint(2), 3);
  store.write(scenario.written_before, 3);
}

class PowerLoss : public testing::TestWithParam<Scenario> {
 protected:
  static Checkpoint read_step(MemoryFiles& files, std::uint64_t step) {
    return read_checkpoint(std::string(kDirectory) + "/00000000" + std::to_string(step), files);
  }

  // Whatever the disk holds: the old or the new one is found, the new one if write() returned; and
  // the run can go on from there.
  void check(MemoryFiles& files, bool returned, bool lost_something) {
    const Scenario& scenario = GetParam();
    const CheckpointStore store(kDirectory, files);
    const auto found = store.newest();
    ASSERT_TRUE(found.has_value());
    const bool is_new = same(*found, scenario.written);
    // Where directories cannot be swapped, a replaced one may give way to the one before it.
    const bool is_old = same(*found, scenario.written_before) ||
                        (!scenario.can_exchange && same(*found, sample_checkpoint(2)));
    ASSERT_TRUE(is_new || (is_old && !returned)) << "step " << found->progress.step;
    if (!lost_something) {
      for (const std::uint64_t step : store.steps()) {
        ASSERT_NO_THROW(read_step(files, step)) << "half of step " << step << " has its name";
      }
    }
    store.remove_leftovers();
    store.write(scenario.written, scenario.keep);
    ASSERT_TRUE(same(store.newest().value(), scenario.written));
    new_found_ += is_new ? 1 : 0;
    old_found_ += is_new ? 0 : 1;
  }

  int new_found_ = 0;
  int old_found_ = 0;
};

TEST_P(PowerLoss, AtAnyCallLeavesTheOldOrTheNewCheckpoint) {
  bool power_was_lost = true;
  for (std::uint64_t call = 1; power_was_lost; ++call) {
    MemoryFiles files;
    prepare(files, GetParam());
    files.lose_power_at(files.calls() + call);
    bool returned = false;
    try {
      CheckpointStore(kDirectory, files).write(GetParam().written, GetParam().keep);
      returned = true;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kIo) << error.what();
    }
    power_was_lost = files.has_no_power();
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SCOPED_TRACE("call " + std::to_string(call) + ", seed " + std::to_string(seed));
      const auto found = files.after_power_loss(call * 5 + seed);
      ASSERT_NO_FATAL_FAILURE(check(*found, returned, true));
    }
    // A kill: all that was done stays.
    const auto found = files.after_kill();
    ASSERT_NO_FATAL_FAILURE(check(*found, returned, false)) << "killed at call " << call;
  }
  EXPECT_GT(old_found_, 100);
  EXPECT_GT(new_found_, 10);
  RecordProperty("states", old_found_ + new_found_);
}

INSTANTIATE_TEST_SUITE_P(
    Writes, PowerLoss,
    testing::Values(
        Scenario{"Next", sample_checkpoint(3), sample_checkpoint(4), 3, true},
        Scenario{"NextWithPruning", sample_checkpoint(3), sample_checkpoint(4), 2, true},
        Scenario{"Replacing", sample_with_cut_off_validation(3), sample_checkpoint(3), 2, true},
        Scenario{"ReplacingWithoutSwap", sample_with_cut_off_validation(3), sample_checkpoint(3), 2,
                 false}),
    [](const auto& scenario) { return scenario.param.name; });

}  // namespace
}  // namespace charrnn
