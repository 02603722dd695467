#pragma once

#include <string>

#include "cluster/cluster.h"
#include "model/network.h"
#include "pipeline/config/config.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {

/// What rank 0 tells the others of where a run begins, besides the state.
struct SharedStart {
  struct Numbers {
    Lanes lanes;
    NetworkShape network;
    OptimizerOptions optimizer;
    Progress progress;
    std::uint64_t steps;
    std::uint64_t end_batch;
    Precision precision;
    bool trains;  // false: the run is over already
  };
  Numbers numbers{};
  std::string vocabulary;   ///< as JSON
  std::string fingerprint;  ///< of the training text
  std::string config;       ///< what decides about the training, as config.ini
};

/// What of a configuration has to be the same on all machines, as config.ini: not the names of
/// files, and not what a machine has.
std::string shared_config(const Config& config);

/// Collective: everybody gets rank 0's.
void share(Cluster& cluster, SharedStart& start);
void share(Cluster& cluster, TrainState& state);

/// On the other ranks: the same starting point with this machine's text. Throws Error when the
/// configuration or the text is another one than rank 0's.
StartingPoint start_as_told(const Config& config, const SharedStart& told,
                            const std::atomic<bool>* stop);

}  // namespace charrnn
