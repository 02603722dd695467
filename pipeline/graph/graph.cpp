#include "pipeline/graph/graph.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <tuple>
#include <utility>
#include <variant>

#include "pipeline/graph/graph_messages.h"
#include "pipeline/graph/stage_runner.h"
#include "pipeline/graph/train_turns.h"

//  reader --TextStripe--> stripe_credits --> encoder --SymbolStripe--> stripe_order --> batcher
//  (input)                 (limiter)         (parallel)                (sequencer)      (serial)
//     ^                                                                                    | Batch
//     |                                                                                    v
//     |      train_step <--DeviceBatch-- one_hot_transfer <------ batch_credits <---- batch_queue
//     |      (compute thread)            (serial)                  (limiter)
//     |          | StepDone                 |
//     |          v                          +-- stripe credit, with the last batch of a stripe
//     |       step_done --ValidationRequest--> validator --ValidationResult--+
//     |          |                             (its turns)                   v
//     |          +--StepDone--------------------------------------------> recorder
//     |          |                                                           | Checkpoint
//     |          +-- batch credit                                            v
//     +-- pulled when a stripe credit is free                           checkpointer --> disk
//
//  A batch credit comes back when its batch was trained on; for a batch that asked for a snapshot,
//  when that snapshot has been validated and written.

namespace charrnn {
namespace {

namespace flow = oneapi::tbb::flow;

class Flow {
 public:
  Flow(const Stages& stages, const GraphOptions& options, const GraphWorkers& workers,
       StageTimes& times);

  void run() {
    reader_.activate();
    try {
      graph_.wait_for_all();
    } catch (...) {
      runner_.end();
      throw;
    }
  }

 private:
  using Record = std::variant<std::shared_ptr<StepDone>, ValidationResult>;
  using TrainNode = flow::async_node<DeviceMessage, OutcomeMessage<StepDone>>;
  using ValidateNode = flow::async_node<ValidateJob, Validated>;
  using CheckpointNode = flow::async_node<CheckpointMessage, OutcomeMessage<CheckpointMessage>>;
  using BatcherNode = flow::multifunction_node<SymbolMessage, std::tuple<BatchMessage>>;
  using TransferNode = flow::multifunction_node<BatchMessage, std::tuple<DeviceMessage, int>>;
  using StepDoneNode =
      flow::multifunction_node<OutcomeMessage<StepDone>, std::tuple<ValidateJob, Record, int>>;
  using RecorderNode = flow::multifunction_node<Record, std::tuple<CheckpointMessage>>;
  using ValidatedNode = flow::multifunction_node<Validated, std::tuple<Record, int>>;

  TextMessage read(oneapi::tbb::flow_control& control);
  SymbolMessage encode(const TextMessage& stripe);
  void cut(const SymbolMessage& stripe, BatcherNode::output_ports_type& out);
  void transfer(const BatchMessage& batch, TransferNode::output_ports_type& out);
  void hand_out(const OutcomeMessage<StepDone>& done, StepDoneNode::output_ports_type& out);
  void validate(const ValidateJob& job, bool begun, ValidateNode::gateway_type& gateway);
  void hand_out(const Validated& done, ValidatedNode::output_ports_type& out);
  void record(const Record& record, RecorderNode::output_ports_type& out);

  Stages stages_;
  GraphWorkers workers_;
  StageTimes& times_;
  StageRunner runner_;
  TrainTurns turns_;

  flow::graph graph_;
  // In flow order.
  flow::input_node<TextMessage> reader_;
  flow::limiter_node<TextMessage, int> stripe_credits_;
  flow::function_node<TextMessage, SymbolMessage> encoder_;
  flow::sequencer_node<SymbolMessage> stripe_order_;
  BatcherNode batcher_;
  flow::queue_node<BatchMessage> batch_queue_;
  flow::limiter_node<BatchMessage, int> batch_credits_;
  TransferNode transfer_;
  TrainNode train_;
  StepDoneNode step_done_;
  ValidateNode validator_;
  ValidatedNode validated_;
  RecorderNode recorder_;
  CheckpointNode checkpointer_;
  flow::function_node<OutcomeMessage<CheckpointMessage>, int> written_;
};

Flow::Flow(const Stages& stages, const GraphOptions& options, const GraphWorkers& workers,
           StageTimes& times)
    : stages_(stages),
      workers_(workers),
      times_(times),
      runner_(times),
      turns_(stages.trainer, workers.compute, times, runner_),
      reader_(graph_, [this](oneapi::tbb::flow_control& control) { return read(control); }),
      stripe_credits_(graph_, static_cast<std::size_t>(options.stripe_credits)),
      encoder_(graph_, flow::unlimited,
               [this](const TextMessage& stripe) { return encode(stripe); }),
      stripe_order_(
          graph_, [](const SymbolMessage& stripe) -> std::size_t { return stripe->span.sequence; }),
      batcher_(graph_, flow::serial,
               [this](const SymbolMessage& stripe, BatcherNode::output_ports_type& out) {
                 cut(stripe, out);
               }),
      batch_queue_(graph_),
      batch_credits_(graph_,
                     static_cast<std::size_t>(options.batch_credits + options.snapshot_credits)),
      transfer_(graph_, flow::serial,
                [this](const BatchMessage& batch, TransferNode::output_ports_type& out) {
                  transfer(batch, out);
                }),
      train_(graph_, flow::serial,
             [this](const DeviceMessage& batch, TrainNode::gateway_type& gateway) {
               gateway.reserve_wait();
               turns_.give(batch, [&gateway](const OutcomeMessage<StepDone>& done) {
                 if (done) gateway.try_put(done);
                 gateway.release_wait();
               });
             }),
      step_done_(graph_, flow::serial,
                 [this](const OutcomeMessage<StepDone>& done,
                        StepDoneNode::output_ports_type& out) { hand_out(done, out); }),
      validator_(
          graph_, flow::serial,
          [this](const ValidateJob& job, ValidateNode::gateway_type& gateway) {
            gateway.reserve_wait();
            workers_.validation.post([this, job, &gateway] { validate(job, false, gateway); });
          }),
      validated_(graph_, flow::serial,
                 [this](const Validated& done, ValidatedNode::output_ports_type& out) {
                   hand_out(done, out);
                 }),
      recorder_(graph_, flow::serial,
                [this](const Record& item, RecorderNode::output_ports_type& out) {
                  runner_.run(Stage::kRecorder, [&] { record(item, out); });
                }),
      checkpointer_(
          graph_, flow::serial,
          [this](const CheckpointMessage& checkpoint, CheckpointNode::gateway_type& gateway) {
            gateway.reserve_wait();
            workers_.disk.post([this, checkpoint, &gateway] {
              gateway.try_put(runner_.outcome<CheckpointMessage>(Stage::kCheckpointer, [&] {
                stages_.checkpointer.write(*checkpoint);
                return checkpoint;
              }));
              gateway.release_wait();
            });
          }),
      written_(graph_, flow::serial, [](const OutcomeMessage<CheckpointMessage>& done) {
        if (done->error) std::rethrow_exception(done->error);
        return 1;
      }) {
  flow::make_edge(reader_, stripe_credits_);
  flow::make_edge(stripe_credits_, encoder_);
  flow::make_edge(encoder_, stripe_order_);
  flow::make_edge(stripe_order_, batcher_);
  flow::make_edge(flow::output_port<0>(batcher_), batch_queue_);
  flow::make_edge(batch_queue_, batch_credits_);
  flow::make_edge(batch_credits_, transfer_);
  flow::make_edge(flow::output_port<0>(transfer_), train_);
  flow::make_edge(flow::output_port<1>(transfer_), stripe_credits_.decrementer());
  flow::make_edge(train_, step_done_);
  flow::make_edge(flow::output_port<0>(step_done_), validator_);
  flow::make_edge(flow::output_port<1>(step_done_), recorder_);
  flow::make_edge(flow::output_port<2>(step_done_), batch_credits_.decrementer());
  flow::make_edge(validator_, validated_);
  flow::make_edge(flow::output_port<0>(validated_), recorder_);
  flow::make_edge(flow::output_port<1>(validated_), batch_credits_.decrementer());
  flow::make_edge(flow::output_port<0>(recorder_), checkpointer_);
  flow::make_edge(checkpointer_, written_);
  flow::make_edge(written_, batch_credits_.decrementer());
}

TextMessage Flow::read(oneapi::tbb::flow_control& control) {
  auto stripe = runner_.ended()
                    ? std::nullopt
                    : runner_.run(Stage::kReader, [&] { return stages_.source.read(); });
  if (!stripe) {
    control.stop();
    return nullptr;
  }
  ++times_.stripes_inside;
  times_[Stage::kEncoder].arrives();
  return std::make_shared<TextStripe>(std::move(*stripe));
}

SymbolMessage Flow::encode(const TextMessage& stripe) {
  auto symbols = runner_.run(Stage::kEncoder, [&] {
    return std::make_shared<SymbolStripe>(stages_.source.encode(*stripe));
  });
  times_[Stage::kBatcher].arrives();
  return symbols;
}

void Flow::cut(const SymbolMessage& stripe, BatcherNode::output_ports_type& out) {
  auto batches = runner_.run(Stage::kBatcher, [&] { return stages_.source.cut(*stripe); });
  for (Batch& batch : batches) {
    times_[Stage::kTransfer].arrives();
    std::get<0>(out).try_put(std::make_shared<Batch>(std::move(batch)));
  }
}

void Flow::transfer(const BatchMessage& batch, TransferNode::output_ports_type& out) {
  const bool ends_stripe = batch->ends_stripe;
  auto on_device =
      runner_.run(Stage::kTransfer, [&] { return stages_.trainer.transfer(std::move(*batch)); });
  ++times_.batches_inside;
  times_[Stage::kTrainStep].arrives();
  std::get<0>(out).try_put(std::move(on_device));
  if (ends_stripe) {
    --times_.stripes_inside;
    std::get<1>(out).try_put(1);
  }
}

void Flow::hand_out(const OutcomeMessage<StepDone>& done, StepDoneNode::output_ports_type& out) {
  if (done->error) std::rethrow_exception(done->error);
  auto step = std::make_shared<StepDone>(std::move(*done->value));
  const bool checkpoints = step->checkpoint != nullptr;
  const auto request = step->validation;
  times_[Stage::kRecorder].arrives();
  std::get<1>(out).try_put(Record(step));
  if (request) {
    times_[Stage::kValidator].arrives();
    std::get<0>(out).try_put({.request = *request, .credit = checkpoints ? 0 : 1});
  }
  if (!request && !checkpoints) std::get<2>(out).try_put(1);
}

void Flow::validate(const ValidateJob& job, bool begun, ValidateNode::gateway_type& gateway) {
  const auto start = std::chrono::steady_clock::now();
  bool goes_on = false;
  auto done = runner_.outcome<std::optional<ValidationResult>>(Stage::kValidator, [&] {
    if (!begun) stages_.validator.begin(job.request);
    goes_on = !runner_.ended() && stages_.validator.advance();
    return goes_on || runner_.ended() ? std::nullopt : stages_.validator.result();
  });
  if (&workers_.validation == &workers_.compute) {
    turns_.other_work(std::chrono::steady_clock::now() - start);
  }
  if (goes_on) {
    times_[Stage::kValidator].arrives();
    workers_.validation.post([this, job, &gateway] { validate(job, true, gateway); });
    return;
  }
  gateway.try_put({.outcome = std::move(done), .credit = job.credit});
  workers_.compute.post([this, &gateway] {
    turns_.validation_ended();
    gateway.release_wait();
  });
}

void Flow::hand_out(const Validated& done, ValidatedNode::output_ports_type& out) {
  if (done.outcome->error) std::rethrow_exception(done.outcome->error);
  const auto& result = *done.outcome->value;
  if (result) {
    times_[Stage::kRecorder].arrives();
    std::get<0>(out).try_put(Record(*result));
  }
  if (done.credit > 0) std::get<1>(out).try_put(done.credit);
}

void Flow::record(const Record& item, RecorderNode::output_ports_type& out) {
  const auto* step = std::get_if<std::shared_ptr<StepDone>>(&item);
  const auto released = step != nullptr
                            ? stages_.recorder.step(**step)
                            : stages_.recorder.validated(std::get<ValidationResult>(item));
  for (const auto& checkpoint : released) {
    times_[Stage::kCheckpointer].arrives();
    std::get<0>(out).try_put(checkpoint);
  }
}

}  // namespace

void run_graph(const Stages& stages, const GraphOptions& options, const GraphWorkers& workers,
               StageTimes& times) {
  const oneapi::tbb::global_control limit(
      oneapi::tbb::global_control::max_allowed_parallelism,
      static_cast<std::size_t>(options.threads + options.kernel_threads));
  oneapi::tbb::task_arena arena(options.threads, 1);
  arena.execute([&] { Flow(stages, options, workers, times).run(); });
}

}  // namespace charrnn
