#include "serve/chosen_model.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "serve/off_thread.h"
#include "serve/service.h"

namespace charrnn {
namespace {

[[noreturn]] void not_found() {
  throw RequestError(404,
                     "there is no such model here: 'charrnn' is the newest one, and "
                     "'charrnn@STEP' that of a checkpoint; see /v1/models",
                     "model", "model_not_found");
}

}  // namespace

std::shared_ptr<const Snapshot> ChosenModels::find(const RunCheckpoints& run, std::uint64_t step) {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [step](const auto& one) { return one->step == step; });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return kept_.front();
  }
  if (!run.read) not_found();
  try {
    kept_.push_front(run.read(step));
  } catch (const Error&) {
    not_found();
  }
  if (kept_.size() > kMost) kept_.pop_back();
  return kept_.front();
}

std::optional<std::uint64_t> step_of_model(const std::optional<std::string>& name) {
  constexpr std::string_view kPrefix = "charrnn@";
  if (!name || *name == "charrnn") return std::nullopt;
  std::uint64_t step = 0;
  const char* const end = name->data() + name->size();
  if (!name->starts_with(kPrefix)) not_found();
  const auto parsed = std::from_chars(name->data() + kPrefix.size(), end, step);
  if (parsed.ec != std::errc() || parsed.ptr != end) not_found();
  return step;
}

boost::asio::awaitable<std::shared_ptr<const Snapshot>> chosen_model(
    Service& service, const std::optional<std::string>& name) {
  const auto step = step_of_model(name);
  auto snapshot = service.snapshot();
  if (!step || *step == snapshot->step) co_return snapshot;
  co_await off_thread(service.workers(), [&] {
    snapshot = service.chosen_models().find(service.options().checkpoints, *step);
  });
  co_return snapshot;
}

}  // namespace charrnn
