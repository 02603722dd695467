#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public ::testing::Test {
 protected:
  fs::path train(const std::string& name, int steps) const {
    std::ofstream text(directory.path() / "text.txt");
    for (int i = 0; i < 300; ++i) text << "</script><b>It is a text.\n";
    text.close();
    const fs::path run = directory.path() / name;
    const Finished done = run_program(
        {"train", "--run.directory=" + run.string(), "--model.hidden=16", "--model.layers=1",
         "--train.max_steps=" + std::to_string(steps), "--train.batch=2",
         "--train.sequence_length=10", "--corpus.files=" + (directory.path() / "text.txt").string(),
         "--corpus.cache_directory=" + (directory.path() / "cache").string()});
    EXPECT_EQ(done.code, 0) << done.err;
    return run;
  }

  // What the page holds of its runs.
  static boost::json::array runs_in(const fs::path& page) {
    const std::string text = read_file(page);
    const std::string begin = R"(<script id="runs" type="application/json">)";
    const std::size_t from = text.find(begin) + begin.size();
    return boost::json::parse(text.substr(from, text.find("</script>", from) - from)).as_array();
  }

  TemporaryDirectory directory;
};

TEST_F(ReportCommand, WritesAPageOfTheRunIntoItsFolder) {
  const fs::path run = train("</script>", 5);
  const Finished done = run_program({"report", "--run.directory=" + run.string()});
  ASSERT_EQ(done.code, 0) << done.err;
  const boost::json::array runs = runs_in(run / "report.html");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].at("train").at("step").as_array().size(), 5u);
  EXPECT_EQ(runs[0].at("status").at("stage"), "finished");
  EXPECT_EQ(runs[0].at("status").at("machine").at("backend"), "fused");
}

TEST_F(ReportCommand, ComparesTheRunsThatAreNamed) {
  const fs::path one = train("one", 2), two = train("two", 3), page = directory.path() / "two.html";
  const Finished done =
      run_program({"report", one.string(), two.string(), "--report.page=" + page.string()});
  ASSERT_EQ(done.code, 0) << done.err;
  const boost::json::array runs = runs_in(page);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].at("name").as_string(), one.string());
  EXPECT_EQ(runs[1].at("last").at("step"), 3);
}

TEST_F(ReportCommand, SaysThatThereIsNoRun) {
  const Finished done = run_program({"report", (directory.path() / "none").string()});
  EXPECT_EQ(done.code, 6);
  EXPECT_NE(done.err.find("there is no training run in this folder"), std::string::npos)
      << done.err;
}

}  // namespace
}  // namespace charrnn
