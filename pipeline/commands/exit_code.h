#pragma once

#include "base/error.h"

namespace charrnn {

/// The exit code of a command that this kind of error ended. README.md documents the codes, and
/// callers rely on them. 0: done, or stopped on request.
int exit_code(ErrorKind kind);

}  // namespace charrnn
