#include "pipeline/commands/recorded_run.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace json = boost::json;

class RecordedRun : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory.path() / name) << text;
  }
  json::object read() const { return recorded_run(directory.path()); }

  static std::string step(int step, double loss) {
    return json::serialize(json::object{{"step", step},
                                        {"seconds", step * 0.5},
                                        {"chars", step * 10},
                                        {"train_loss", loss}}) +
           "\n";
  }

  TemporaryDirectory directory;
};

TEST_F(RecordedRun, HasTheColumnsOfTrainingAndValidation) {
  write("config.ini", "[model]\nhidden = 8\n");
  write("metrics.jsonl", step(1, 4.0) +
                             R"({"step":1,"validation_loss":3.5})"
                             "\n" +
                             step(2, 3.0));
  const json::object run = read();
  EXPECT_EQ(run.at("train").at("loss"), (json::array{4.0, 3.0}));
  EXPECT_EQ(run.at("train").at("chars"), (json::array{10.0, 20.0}));
  EXPECT_EQ(run.at("validation").at("loss"), (json::array{3.5}));
  EXPECT_EQ(run.at("validation").at("seconds"), (json::array{0.5}));
  EXPECT_EQ(run.at("last").at("step"), 2);
  EXPECT_EQ(run.at("config"), "[model]\nhidden = 8\n");
  EXPECT_TRUE(run.at("status").is_null());
}

TEST_F(RecordedRun, LeavesOutWhatIsBroken) {
  write("metrics.jsonl", step(1, 4.0) + "{\"step\":2,\"tra\nnot json\n" +
                             R"({"step":3,"train_loss":null,"seconds":1,"chars":30})");
  write("status.json", "{half");
  const json::object run = read();
  EXPECT_EQ(run.at("train").at("step"), (json::array{1.0, 3.0}));
  EXPECT_EQ(run.at("train").at("loss"), (json::array{4.0, nullptr}));
  EXPECT_TRUE(run.at("status").is_null());
}

TEST_F(RecordedRun, OfALongRunHasMeansOfSeveralSteps) {
  std::ofstream metrics(directory.path() / "metrics.jsonl");
  constexpr int kSteps = 10'001;
  for (int i = 1; i <= kSteps; ++i) metrics << step(i, i % 2);
  metrics.close();
  const json::object run = read();
  const json::array& loss = run.at("train").at("loss").as_array();
  ASSERT_LT(loss.size(), 4000u);
  ASSERT_GT(loss.size(), 1500u);
  for (std::size_t i = 0; i + 1 < loss.size(); ++i) ASSERT_EQ(loss[i], 0.5) << i;
  EXPECT_EQ(run.at("train").at("step").as_array().back(), 1.0 * kSteps);
}

TEST_F(RecordedRun, SaysThatAFolderHoldsNoRun) {
  EXPECT_THROW(read(), Error);
  write("metrics.jsonl", "");
  EXPECT_THROW(read(), Error);
}

TEST_F(RecordedRun, TellsWhereItRan) {
  write("metrics.jsonl", step(1, 4.0));
  record_end(directory.path(), R"({"stage":"finished"})", {{"threads", 2}});
  const json::object run = read();
  EXPECT_EQ(run.at("status").at("stage"), "finished");
  EXPECT_EQ(run.at("status").at("machine").at("threads"), 2);
  EXPECT_TRUE(run.at("status").at("machine").as_object().contains("processor"));
}

}  // namespace
}  // namespace charrnn
