#include "pipeline/commands/version.h"

#include <fmt/format.h>
#include <oneapi/tbb/version.h>
#include <xxhash.h>

#include <boost/version.hpp>

#include "model/backend.h"

namespace charrnn {

std::string version_text() {
  return fmt::format(
      "charrnn_pipeline {}\nlibtorch {}\nCUDA {}\noneTBB {}.{}\nBoost {}.{}.{}\nfmt "
      "{}.{}.{}\nxxHash {}.{}.{}\n",
      CHARRNN_VERSION, libtorch_version(), cuda_available() ? "available" : "not available",
      TBB_VERSION_MAJOR, TBB_VERSION_MINOR, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
      BOOST_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
      XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
}

}  // namespace charrnn
