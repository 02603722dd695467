#pragma once

#include <filesystem>
#include <memory>

#include "cluster/messenger.h"

namespace charrnn {

/// True when this process was started by mpirun or something that does its work, as one of several.
bool one_of_several();

/// Joins the other processes: loads MPI, which nothing else does. `module`: the file that knows it;
/// empty: charrnn_mpi.so beside the program, or in ../lib/charrnn_pipeline. Throws Error(kConfig)
/// when it cannot be loaded. At most once in a process.
std::unique_ptr<Messenger> join_others(const std::filesystem::path& module = {});

}  // namespace charrnn
