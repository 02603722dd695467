#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "model/published.h"
#include "serve/server.h"

namespace charrnn {

class Service;

/// The chosen checkpoints that were used last. One thread.
class ChosenModels {
 public:
  static constexpr std::size_t kMost = 2;

  /// The weights of a step. Throws RequestError 404 when they cannot be read.
  std::shared_ptr<const Snapshot> find(const RunCheckpoints& run, std::uint64_t step);

 private:
  std::list<std::shared_ptr<const Snapshot>> kept_;  // the newest first
};

/// The step of a model's name `charrnn@STEP`; nothing for `charrnn` and for no
/// name. Throws RequestError 404 for any other name.
std::optional<std::uint64_t> step_of_model(const std::optional<std::string>& name);

/// The weights that a request names: the newest, or those of a step, which may
/// have to be read. Throws RequestError.
boost::asio::awaitable<std::shared_ptr<const Snapshot>> chosen_model(
    Service& service, const std::optional<std::string>& name);

}  // namespace charrnn
