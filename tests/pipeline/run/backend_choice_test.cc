#include "pipeline/run/backend_choice.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr Machine kPlainCpu{.gpu = false, .bf16 = false};
constexpr Machine kBf16Cpu{.gpu = false, .bf16 = true};
constexpr Machine kGpu{.gpu = true, .bf16 = true};

Precision precision_of(const RuntimeOptions& options, const Machine& machine) {
  return choose_backend(options, machine).precision;
}

/// What the error says, which has to be one of the configuration.
std::string refusal(const RuntimeOptions& options, const Machine& machine) {
  try {
    choose_backend(options, machine);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    return error.what();
  }
  ADD_FAILURE() << "was not refused";
  return "";
}

TEST(BackendChoice, ComputesInFp32UnlessAsked) {
  for (const Machine& machine : {kPlainCpu, kBf16Cpu, kGpu}) {
    EXPECT_EQ(precision_of({}, machine), Precision::kFp32);
  }
}

TEST(BackendChoice, AutoPrecisionIsBf16OnlyWhereTheFusedKernelsHaveIt) {
  const Precision automatic = Precision::kAuto;
  EXPECT_EQ(precision_of({.precision = automatic}, kBf16Cpu), Precision::kBf16);
  EXPECT_EQ(precision_of({.precision = automatic}, kPlainCpu), Precision::kFp32);
  EXPECT_EQ(precision_of({.precision = automatic}, kGpu), Precision::kFp32);
  EXPECT_EQ(precision_of({.backend = BackendKind::kTorch, .precision = automatic}, kBf16Cpu),
            Precision::kFp32);
  EXPECT_EQ(precision_of({.device = Device::kCpu, .precision = automatic}, kGpu), Precision::kBf16);
}

TEST(BackendChoice, SaysWhyBf16CannotBeHad) {
  const RuntimeOptions bf16{.precision = Precision::kBf16};
  EXPECT_EQ(precision_of(bf16, kBf16Cpu), Precision::kBf16);
  const std::string reason = refusal(bf16, kPlainCpu);
  EXPECT_NE(reason.find("runtime.precision = bf16 needs a processor with AVX512-BF16"),
            std::string::npos)
      << reason;
  EXPECT_NE(reason.find("runtime.precision = fp32 or auto"), std::string::npos) << reason;
  EXPECT_NE(refusal(bf16, kGpu).find("fused kernels"), std::string::npos);
}

TEST(BackendChoice, RefusesTheGpusPrecisionsWithoutOne) {
  for (const Precision precision : {Precision::kTf32, Precision::kAmp}) {
    EXPECT_NE(refusal({.precision = precision}, kBf16Cpu).find("needs a GPU"), std::string::npos);
    EXPECT_EQ(precision_of({.precision = precision}, kGpu), precision);
  }
}

TEST(WeightFormat, OfBf16IsRefusedWithTheReasonWhereTheProcessorLacksIt) {
  require_weight_format(WeightFormat::kBf16, kBf16Cpu);
  require_weight_format(WeightFormat::kInt8, kPlainCpu);
  try {
    require_weight_format(WeightFormat::kBf16, kPlainCpu);
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_NE(std::string(error.what()).find("serve.weights = bf16 needs"), std::string::npos);
  }
}

}  // namespace
}  // namespace charrnn
