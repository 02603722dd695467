#pragma once

#include <memory>

#include "model/backend.h"
#include "model/torch/engine.h"
#include "model/torch/streams.h"

namespace charrnn {

/// The backend of an engine, on the streams of its device.
std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const Engine& engine,
                                            std::unique_ptr<Streams> streams);

}  // namespace charrnn
