#include "pipeline/run/partners.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"

namespace charrnn {

Partners::Partners(Cluster& cluster, bool exact, const std::atomic<bool>& stop,
                   std::function<void(const std::string&)> say)
    : cluster_(cluster), exact_(exact), stop_(stop), say_(std::move(say)) {}

RowShare Partners::share(int rows) const {
  const RowShare share = share_of_rows(rows, cluster_.rank(), cluster_.size());
  const int blocks = RowCut(rows).blocks;
  if (blocks >= cluster_.size()) return share;
  throw Error(ErrorKind::kConfig,
              fmt::format("a batch of {} rows (train.batch) is {} blocks of at most {} rows, too "
                          "few for {} processes. Start fewer of them, or raise train.batch",
                          rows, blocks, kMaxBlockRows, cluster_.size()));
}

void Partners::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const OtherRankFailed& failure) {
    failed_elsewhere_ = true;
    lost_ = !failure.can_save();
    throw;
  }
}

void Partners::take_over(std::span<float> gradient) {
  guarded([&] { cluster_.take_over(gradient); });
}

void Partners::finish() {
  guarded([&] {
    if (exact_) {
      cluster_.hand_on(part_);
    } else {
      cluster_.sum(part_);
    }
  });
}

void Partners::gather(std::span<double> numbers) {
  guarded([&] { cluster_.merge(std::as_writable_bytes(numbers)); });
}

StepAgreement::Settled Partners::after_step(double seconds) {
  struct Signs {
    double seconds;
    std::uint64_t stops[16];  // a bit for each rank, as far as there are bits
  } signs{};
  const auto rank = static_cast<std::size_t>(cluster_.rank()) % (64 * std::size(signs.stops));
  if (cluster_.leads()) signs.seconds = seconds;
  if (stop_) signs.stops[rank / 64] = std::uint64_t{1} << rank % 64;
  guarded([&] { cluster_.merge(std::as_writable_bytes(std::span(&signs, 1))); });
  for (std::size_t i = 0; i < 64 * std::size(signs.stops); ++i) {
    if ((signs.stops[i / 64] >> i % 64 & 1) == 0) continue;
    if (say_) say_(cluster_.name(static_cast<int>(i)) + " was asked to stop: all ranks do");
    return {.seconds = signs.seconds, .ends = true};
  }
  return {.seconds = signs.seconds, .ends = false};
}

void Partners::gather_rows(TrainState& state) {
  const RowShare own = share(state.rows);
  const auto hidden = static_cast<std::size_t>(state.network.hidden);
  const std::size_t layer_size = static_cast<std::size_t>(state.rows) * hidden;
  for (CarriedTensor& tensor : state.carried) {
    std::vector<float> rows(tensor.values.size());
    for (std::size_t at = own.first * hidden; at < rows.size(); at += layer_size) {
      std::copy_n(tensor.values.data() + at, own.count * hidden, rows.data() + at);
    }
    guarded([&] { cluster_.merge(std::as_writable_bytes(std::span(rows))); });
    tensor.values = std::move(rows);
  }
}

bool Partners::can_save_after(const std::string& failure) {
  if (lost_) return false;
  if (!failed_elsewhere_) cluster_.fail(failure);
  cluster_.start_afresh();
  return true;
}

}  // namespace charrnn
