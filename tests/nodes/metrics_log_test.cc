#include "nodes/metrics_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string training(std::uint64_t step) {
  return training_record(
      {.progress = {.step = step, .epoch = 1, .characters = 10 * step, .train_loss = 1.5}});
}
std::string validation(std::uint64_t step) {
  return validation_record({.step = step, .loss = 2.25});
}

struct MetricsLogTest : ::testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "metrics.jsonl";
};

TEST_F(MetricsLogTest, RecordsReadBackAsTheSameNumbers) {
  EXPECT_EQ(training_record({.progress = {.step = 3,
                                          .epoch = 2,
                                          .characters = 38400,
                                          .seconds = 1.25,
                                          .train_loss = 3.2481679916381836,
                                          .learning_rate = 0.001},
                             .characters_per_second = 10240,
                             .gradient_norm = 0.5}),
            R"({"step":3,"epoch":2,"chars":38400,"seconds":1.250,"train_loss":3.2481679916381836,)"
            R"("chars_per_second":10240.0,"learning_rate":0.001,"gradient_norm":0.5})");
}

TEST_F(MetricsLogTest, RewindTakesBackLaterStepsATornLineAndAPendingValidation) {
  {
    MetricsLog log(file);
    for (const auto& line :
         {training(1), training(2), validation(2), training(3), validation(3), training(4)}) {
      log.append(line);
    }
  }
  std::ofstream(file, std::ios::app) << R"({"step":5,"tra)";
  MetricsLog log(file);
  log.rewind(3, 3);
  log.append("{}");
  EXPECT_EQ(read(file), training(1) + "\n" + training(2) + "\n" + validation(2) + "\n" +
                            training(3) + "\n{}\n");
}

TEST_F(MetricsLogTest, RewindLeavesWhatComesBeforeWhereItIs) {
  MetricsLog log(file);
  std::string kept;
  for (std::uint64_t step = 1; step <= 3000; ++step) {
    log.append(training(step));
    if (step <= 1000) kept += training(step) + "\n";
  }
  std::filesystem::create_hard_link(file, directory.path() / "linked");
  log.rewind(1000, std::nullopt);
  EXPECT_EQ(read(file), kept);
  EXPECT_EQ(read(directory.path() / "linked"), kept);
  log.rewind(1000, std::nullopt);
  log.rewind(0, std::nullopt);
  EXPECT_EQ(read(file), "");
}

TEST_F(MetricsLogTest, RewindKeepsALateValidationOfAnEarlierStep) {
  MetricsLog log(file);
  for (std::uint64_t step = 1; step <= 6; ++step) log.append(training(step));
  log.append(validation(2));
  log.append(training(7));
  log.append(validation(5));
  log.rewind(4, std::nullopt);
  EXPECT_EQ(read(file), training(1) + "\n" + training(2) + "\n" + training(3) + "\n" + training(4) +
                            "\n" + validation(2) + "\n");
  log.rewind(4, 2);
  EXPECT_EQ(read(file),
            training(1) + "\n" + training(2) + "\n" + training(3) + "\n" + training(4) + "\n");
}

TEST_F(MetricsLogTest, NoticesThatItsFileWasRemovedOrReplacedAndMayGoOnInTheNewOne) {
  MetricsLog log(file);
  log.append(training(1));
  std::filesystem::remove(file);
  EXPECT_THROW(log.append(training(2)), Error);
  std::ofstream(file) << "";
  EXPECT_THROW(log.append(training(2)), Error);
  log.reopen();
  log.append(training(3));
  EXPECT_EQ(read(file), training(3) + "\n");
}

TEST_F(MetricsLogTest, NamesTheFileThatCannotBeWritten) {
  try {
    MetricsLog log(directory.path() / "missing" / "metrics.jsonl");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(error.what()).find("missing/metrics.jsonl"), std::string::npos);
  }
}

}  // namespace
}  // namespace charrnn
