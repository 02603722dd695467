#include "pipeline/graph/train_turns.h"

#include <utility>

namespace charrnn {

TrainTurns::~TrainTurns() {
  compute_.run([] {});
}

void TrainTurns::give(std::shared_ptr<const DeviceBatch> batch, Receiver receiver) {
  compute_.post([this, turn = Turn{std::move(batch), std::move(receiver)}] { take(turn); });
}

void TrainTurns::take(const Turn& turn) {
  const bool hold =
      !runner_.ended() && validating_ && trainer_.asks_for_validation(turn.batch->host());
  // Steps stay in order: behind a held one, all are held.
  if (hold || !held_.empty()) {
    held_.push_back(turn);
  } else {
    train(turn);
  }
}

void TrainTurns::validation_ended() {
  validating_ = false;
  const auto held = std::exchange(held_, {});
  for (const Turn& turn : held) train(turn);
}

void TrainTurns::train(const Turn& turn) {
  if (runner_.ended()) return pass(turn);
  input_wait_.step_begins();
  {
    const StageCall call(times_[Stage::kTrainStep], Stage::kTrainStep);
    auto begun = runner_.unmeasured<StepDone>(Stage::kTrainStep, [&] {
      trainer_.begin(turn.batch);
      return StepDone{};
    });
    const bool failed = begun->error != nullptr;
    if (!failed) begun_.push_back(turn.receiver);
    end_all_but(failed ? 0 : trainer_.stay_begun(turn.batch->host()));
    if (failed) hand_on(turn.receiver, std::move(begun));
  }
  input_wait_.step_ends();
  end_if_none_comes();
}

void TrainTurns::pass(const Turn& turn) {
  end_all_but(0);  // the network has learned from them
  times_[Stage::kTrainStep].passes();
  hand_on(turn.receiver, nullptr);
}

void TrainTurns::end_if_none_comes() {
  const std::uint64_t number = ++begun_ever_;
  if (begun_.empty()) return;
  compute_.post([this, number] {
    if (begun_ever_ == number) end_all_but(0);
  });
}

void TrainTurns::end_all_but(std::size_t newest) {
  while (begun_.size() > newest) {
    const Receiver receiver = std::move(begun_.front());
    begun_.pop_front();
    hand_on(receiver,
            runner_.unmeasured<StepDone>(Stage::kTrainStep, [&] { return trainer_.end(); }));
  }
}

void TrainTurns::hand_on(const Receiver& receiver, OutcomeMessage<StepDone> done) {
  if (done && done->value && done->value->validation) validating_ = true;
  --times_.batches_inside;
  receiver(std::move(done));
}

}  // namespace charrnn
