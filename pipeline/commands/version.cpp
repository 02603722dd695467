#include "pipeline/commands/version.h"

#include <fmt/format.h>
#include <oneapi/tbb/version.h>
#include <xxhash.h>

#include <boost/version.hpp>

#include "model/backend.h"

namespace charrnn {

namespace {

std::string libtorch_lines() {
  const std::string version = libtorch_version();
  if (version.empty()) return "libtorch none: this is the small build (CPU kernels only)";
  return fmt::format("libtorch {}\nCUDA {}", version,
                     cuda_available() ? "available" : "not available");
}

}  // namespace

std::string version_text() {
  return fmt::format(
      "charrnn_pipeline {}\n{}\noneTBB {}.{}\nBoost {}.{}.{}\nfmt "
      "{}.{}.{}\nxxHash {}.{}.{}\n",
      CHARRNN_VERSION, libtorch_lines(), TBB_VERSION_MAJOR, TBB_VERSION_MINOR,
      BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, FMT_VERSION / 10000,
      FMT_VERSION / 100 % 100, FMT_VERSION % 100, XXH_VERSION_MAJOR, XXH_VERSION_MINOR,
      XXH_VERSION_RELEASE);
}

}  // namespace charrnn
