#include "pipeline/run/member.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "nodes/corpus_source.h"
#include "pipeline/graph/graph.h"
#include "pipeline/run/run_nodes.h"
#include "pipeline/run/shared_start.h"

namespace charrnn {
namespace {

/// Nothing of what rank 0 does besides training: it validates, keeps the record and writes.
class NoRecord : public SnapshotScorer, public RunRecord, public CheckpointWriter {
 public:
  void begin(ValidationRequest /*request*/) override {}
  bool advance() override { return false; }
  std::optional<ValidationResult> result() const override { return std::nullopt; }
  // What the graph has given out for a checkpoint comes back when that was written.
  Checkpoints step(const StepDone& done) override {
    return done.checkpoint ? Checkpoints{done.checkpoint} : Checkpoints{};
  }
  Checkpoints validated(const ValidationResult& /*result*/) override { return {}; }
  CheckpointOutcome write(const Checkpoint& /*checkpoint*/) override { return {}; }
};

class Member {
 public:
  Member(const Config& config, StartingPoint start)
      : config_(config), start_(std::move(start)), ending_(never_) {
    compute_.run([this] { backend_ = make_backend(start_.choice, start_.state, start_.partners); });
    step_.emplace(
        *backend_, train_step_options(config_, start_), start_.progress, ending_,
        [this](TrainState state, const Progress& at) {
          start_.partners->gather_rows(state);
          return std::make_shared<Checkpoint>(Checkpoint{.state = std::move(state),
                                                         .progress = at,
                                                         .seed = 0,
                                                         .dropout = 0.0F,
                                                         .schedule = {},
                                                         .corpus_fingerprint = {},
                                                         .config = {},
                                                         .vocabulary = {},
                                                         .pending_validation = {},
                                                         .changes = {}});
        },
        [](const Progress& /*at*/, std::shared_ptr<const Weights> /*weights*/) {});
  }

  ~Member() {
    compute_.run([this] {
      step_.reset();
      backend_.reset();
    });
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  void train() {
    CorpusSource source(*start_.corpus, start_.lanes,
                        {.stripe_windows = config_.runtime.stripe_windows,
                         .first_batch = start_.progress.next_batch,
                         .end_batch = start_.end_batch},
                        &ending_);
    const int threads = config_.runtime.threads > 0 ? config_.runtime.threads : available_cores();
    StageTimes times;
    run_graph({.source = source,
               .trainer = *step_,
               .validator = nothing_,
               .recorder = nothing_,
               .checkpointer = nothing_},
              {.threads = threads,
               .stripe_credits = config_.runtime.stripe_credits,
               .batch_credits = backend_->depth() + 1,
               .kernel_threads = start_.choice.kernel_threads},
              {.compute = compute_, .validation = compute_, .disk = disk_}, times);
  }

  /// Gives rank 0 what it saves.
  void hand_in() {
    TrainState state;
    compute_.run([&] { state = backend_->state(); });
    start_.partners->gather_rows(state);
  }

 private:
  const Config& config_;
  StartingPoint start_;
  std::atomic<bool> never_{false};
  Ending ending_;
  NoRecord nothing_;
  Worker disk_{"disk"};
  Worker compute_{"compute"};
  std::unique_ptr<Backend> backend_;
  std::optional<TrainStep> step_;
};

void train(Member& member, Partners& partners) {
  try {
    member.train();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kDiverged) {
      partners.cluster().close();
    } else if (partners.can_save_after(error.what())) {
      member.hand_in();
      partners.cluster().close();
    }
    throw;
  }
  member.hand_in();
  partners.cluster().close();
}

}  // namespace

void take_part(const Config& config, const std::shared_ptr<Partners>& partners,
               const std::atomic<bool>& stop) {
  Cluster& cluster = partners->cluster();
  cluster.together([] {});  // rank 0 finds where the run begins
  SharedStart told;
  share(cluster, told);
  StartingPoint start;
  cluster.together([&] { start = start_as_told(config, told, &stop); });
  share(cluster, start.state);
  std::optional<Member> member;
  cluster.together([&] {
    const RowShare own = partners->share(start.lanes.rows);
    start.lanes.first_read = own.first;
    start.lanes.rows_read = own.count;
    start.partners = partners;
    member.emplace(config, std::move(start));
  });
  if (!told.numbers.trains) return cluster.close();
  train(*member, *partners);
}

}  // namespace charrnn
