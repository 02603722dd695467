// A run that was stopped or killed at any step and started again must end with the same bits as one
// that never stopped.
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <ostream>
#include <random>
#include <regex>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

constexpr int kSteps = 70;

std::vector<std::string> arguments(const std::filesystem::path& run, const std::string& backend,
                                   int threads, const std::string& order = "sequential",
                                   const std::string& optimizer = "adam",
                                   const std::string& precision = "fp32") {
  return {"train",
          "--config",
          CHARRNN_SOURCE_DIR "/configs/tiny.ini",
          "--run.directory=" + run.string(),
          "--runtime.backend=" + backend,
          "--runtime.precision=" + precision,
          "--runtime.threads=" + std::to_string(threads),
          "--runtime.kernel_threads=1",
          "--runtime.stripe_windows=" + std::to_string(threads + 2),
          "--corpus.order=" + order,
          "--corpus.shuffle_block=700",
          "--train.optimizer=" + optimizer,
          std::string("--train.schedule=") + (optimizer == "adam" ? "constant" : "linear"),
          std::string("--train.weight_decay=") + (optimizer == "adam" ? "0" : "0.1"),
          std::string("--train.ema=") + (optimizer == "adam" ? "0" : "0.9"),
          "--model.hidden=64",
          "--model.dropout=0.3",
          "--train.batch=16",
          "--train.max_steps=" + std::to_string(kSteps),
          "--train.epochs=3",
          "--validation.every_steps=7",
          "--checkpoint.every_steps=11",
          "--checkpoint.keep=100"};
}

// The records by their steps, since those of validations stand where they were known; times left
// out.
std::string records(const std::filesystem::path& file) {
  static const std::regex times(R"x("(seconds|chars_per_second|validation_seconds)":[^,}]+)x");
  std::multimap<int, std::string> by_step;
  for (const auto& line : read_lines(file)) {
    const int step = std::stoi(line.substr(line.find(':') + 1));
    const bool validation = line.find("validation_loss") != std::string::npos;
    by_step.emplace(2 * step + (validation ? 1 : 0), std::regex_replace(line, times, ""));
  }
  std::string all;
  for (const auto& [step, line] : by_step) all += line + "\n";
  return all;
}

// Everything that must be equal at a run's end, by name; times left out.
std::map<std::string, std::string> bits(const std::filesystem::path& run) {
  std::map<std::string, std::string> all;
  all["metrics.jsonl"] = records(run / "metrics.jsonl");
  char name[16];
  std::snprintf(name, sizeof name, "%09d", kSteps);
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "state.safetensors",
                           "state.json", "vocabulary.json"}) {
    all[file] = read_file(run / "checkpoints" / name / file);
    EXPECT_FALSE(all[file].empty()) << file;
  }
  return all;
}

struct Stop {
  std::string backend;
  int signal;
  int threads;
  int points;
  std::string order = "sequential";
  std::string optimizer = "adam";
  std::string precision = "fp32";
};

void PrintTo(const Stop& stop, std::ostream* out) { *out << stop.points << " stops"; }

class Resume : public ::testing::TestWithParam<Stop> {};

TEST_P(Resume, EndsWithTheSameBitsWhereverItWasStopped) {
  const auto [backend, number, threads, points, order, optimizer, precision] = GetParam();
  if (backend == "torch" && !kWithTorch) GTEST_SKIP() << "built without libtorch";
  TemporaryDirectory directory;
  const auto whole = directory.path() / "whole";
  const Finished done =
      run_program(arguments(whole, backend, threads == 1 ? 2 : 1, order, optimizer, precision));
  ASSERT_EQ(done.code, 0) << done.err;
  const auto want = bits(whole);
  std::mt19937 random(static_cast<unsigned>(number * 10 + threads));
  int interrupted = 0;
  for (int point = 0; point < points; ++point) {
    const auto run = directory.path() / std::to_string(point);
    const std::size_t stop_step = 1 + random() % (kSteps - 2);
    {
      Program program(arguments(run, backend, threads, order, optimizer, precision));
      program.wait_until([&] { return read_lines(run / "metrics.jsonl").size() >= stop_step; });
      program.signal(number);
      const Finished stopped = program.finish();
      ASSERT_EQ(stopped.code, number == SIGTERM ? 0 : 128 + SIGKILL) << stopped.err;
    }
    interrupted += std::filesystem::exists(run / "checkpoints" / "000000070") ? 0 : 1;
    const Finished resumed =
        run_program(arguments(run, backend, threads, order, optimizer, precision));
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    ASSERT_EQ(bits(run), want) << "stopped near step " << stop_step;
  }
  std::printf("%d of %d runs were interrupted before their end\n", interrupted, points);
  EXPECT_GE(interrupted, points / 2);
}

INSTANTIATE_TEST_SUITE_P(
    AtRandomSteps, Resume,
    ::testing::Values(Stop{"fused", SIGTERM, 1, 20}, Stop{"fused", SIGTERM, 2, 20},
                      Stop{"fused", SIGKILL, 1, 20}, Stop{"fused", SIGKILL, 2, 20},
                      Stop{"fused", SIGTERM, 2, 6, "shuffled"},
                      Stop{"fused", SIGKILL, 2, 6, "shuffled"}, Stop{"torch", SIGTERM, 2, 6},
                      Stop{"fused", SIGKILL, 2, 6, "sequential", "sgd"},
                      Stop{"torch", SIGTERM, 1, 4, "sequential", "sgd"},
                      Stop{"fused", SIGKILL, 2, 6, "sequential", "muon"},
                      Stop{"fused", SIGTERM, 2, 4, "sequential", "adam", "auto"},
                      Stop{"fused", SIGKILL, 2, 6, "sequential", "adam", "auto"},
                      Stop{"torch", SIGKILL, 1, 6}),
    [](const auto& param) {
      return param.param.backend + (param.param.signal == SIGTERM ? "Terminated" : "Killed") +
             std::to_string(param.param.threads) + "Threads" +
             (param.param.order == "shuffled" ? "Shuffled" : "") +
             (param.param.optimizer == "sgd" ? "WithSgdAFallingRateAndAnAverage" : "") +
             (param.param.optimizer == "muon" ? "WithMuonAFallingRateAndAnAverage" : "") +
             (param.param.precision == "auto" ? "InBf16WhereItCanBeHad" : "");
    });

TEST(FinishedRun, ChangesNothingWhenStartedAgainAndGoesOnWhenTheLimitIsRaised) {
  TemporaryDirectory directory;
  const auto run = directory.path() / "run";
  ASSERT_EQ(run_program(arguments(run, "fused", 1)).code, 0);
  const auto before = bits(run);
  ASSERT_EQ(run_program(arguments(run, "fused", 1)).code, 0);
  EXPECT_EQ(bits(run), before);
  auto longer = arguments(run, "fused", 1);
  longer.push_back("--train.max_steps=75");
  const Finished more = run_program(longer);
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_TRUE(std::filesystem::exists(run / "checkpoints" / "000000075"));
}

TEST(TrainingRun, RecordsAValidationWhenItIsKnownAndNotBeforeTheNextOneOnly) {
  TemporaryDirectory directory;
  const auto run = directory.path() / "run";
  auto words = arguments(run, "fused", 1);
  for (const char* more :
       {"--validation.every_steps=35", "--checkpoint.every_steps=0", "--train.max_steps=71"}) {
    words.emplace_back(more);
  }
  ASSERT_EQ(run_program(words).code, 0);
  const std::string metrics = read_file(run / "metrics.jsonl");
  const auto validation = metrics.find("{\"step\":35,\"validation_loss\"");
  const auto last_step_before_the_next = metrics.find("{\"step\":69,\"epoch\"");
  ASSERT_NE(validation, std::string::npos);
  ASSERT_NE(last_step_before_the_next, std::string::npos);
  EXPECT_LT(validation, last_step_before_the_next);
}

TEST(ResumedRun, OfAnyCellEndsWithTheSameBitsAndWrites) {
  for (const std::string cell : {"gru", "rnn"}) {
    for (const std::string backend : {"fused", "torch"}) {
      if (backend == "torch" && !kWithTorch) continue;
      TemporaryDirectory directory;
      const auto train = [&](const char* name, int steps) {
        auto words = arguments(directory.path() / name, backend, 1);
        words.push_back("--model.cell=" + cell);
        words.push_back("--train.max_steps=" + std::to_string(steps));
        const Finished done = run_program(words);
        EXPECT_EQ(done.code, 0) << done.err;
        return directory.path() / name / "checkpoints" / "000000008" / "model.safetensors";
      };
      const auto whole = train("whole", 8);
      train("stopped", 4);
      const auto resumed = train("stopped", 8);
      EXPECT_EQ(read_file(resumed), read_file(whole)) << cell << " " << backend;
      EXPECT_FALSE(read_file(whole).empty());
      auto generate = arguments(directory.path() / "whole", backend, 1);
      generate[0] = "generate";
      generate.push_back("--generate.length=20");
      const Finished text = run_program(generate);
      EXPECT_EQ(text.code, 0) << text.err;
    }
  }
}

}  // namespace
}  // namespace charrnn
