#include "pipeline/commands/exit_code.h"

namespace charrnn {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kConfig:
      return 3;
    case ErrorKind::kDiverged:
      return 4;
    case ErrorKind::kInput:
      return 5;
    case ErrorKind::kIo:
      return 6;
    case ErrorKind::kCheckpoint:
      return 7;
    case ErrorKind::kLocked:
      return 8;
    case ErrorKind::kBind:
      return 9;
    case ErrorKind::kMemory:
      return 10;
    case ErrorKind::kInternal:
      break;
  }
  return 70;
}

}  // namespace charrnn
