#include "cluster/start.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

fs::path find_module() {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path beside = folder / "charrnn_mpi.so";
  if (fs::exists(beside, ignored)) return beside;
  return folder.parent_path() / "lib/charrnn_pipeline/charrnn_mpi.so";
}

[[noreturn]] void cannot_load() {
  const char* reason = dlerror();
  throw Error(ErrorKind::kConfig,
              std::string("mpirun has started this program as one of several, but its part for MPI "
                          "cannot be loaded: ") +
                  (reason != nullptr ? reason : "unknown reason") +
                  ". Build with CHARRNN_MPI=ON and install Open MPI on each machine");
}

}  // namespace

bool one_of_several() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && std::atoi(value) > 1) return true;
  }
  return false;
}

std::unique_ptr<Messenger> join_others(const fs::path& module) {
  const fs::path file = module.empty() ? find_module() : module;
  // Open MPI's own plug-ins look for its symbols among the global ones.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) cannot_load();
  using Make = Messenger* (*)();
  const auto make = reinterpret_cast<Make>(dlsym(library, "charrnn_make_messenger"));
  if (make == nullptr) cannot_load();
  return std::unique_ptr<Messenger>(make());
}

}  // namespace charrnn
