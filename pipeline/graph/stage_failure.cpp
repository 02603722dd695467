#include "pipeline/graph/stage_failure.h"

#include <new>
#include <string>

#include "base/error.h"

namespace charrnn {

void rethrow_named(Stage stage) {
  const std::string name(stage_name(stage));
  try {
    throw;
  } catch (const Error& error) {
    throw Error(error.kind(), name + ": " + error.what());
  } catch (const std::bad_alloc&) {
    throw Error(
        ErrorKind::kMemory,
        name + ": out of memory. Lower train.batch, model.hidden or runtime.stripe_windows");
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kInternal, name + ": " + error.what());
  } catch (...) {
    throw Error(ErrorKind::kInternal, name + ": unknown exception");
  }
}

}  // namespace charrnn
