#include "pipeline/commands/exit_code.h"

#include <gtest/gtest.h>

#include <map>

namespace charrnn {
namespace {

TEST(ExitCodeTest, EachKindOfErrorHasTheCodeThatCallersRelyOn) {
  const std::map<ErrorKind, int> codes{{ErrorKind::kUsage, 2},    {ErrorKind::kConfig, 3},
                                       {ErrorKind::kDiverged, 4}, {ErrorKind::kInput, 5},
                                       {ErrorKind::kIo, 6},       {ErrorKind::kCheckpoint, 7},
                                       {ErrorKind::kLocked, 8},   {ErrorKind::kBind, 9},
                                       {ErrorKind::kMemory, 10},  {ErrorKind::kInternal, 70}};
  for (const auto& [kind, code] : codes) EXPECT_EQ(exit_code(kind), code);
}

}  // namespace
}  // namespace charrnn
