#pragma once

#include <string>

namespace charrnn {

/// What `--man` prints: the manual page in troff's man macros, with every command, flag and key.
std::string man_page();

}  // namespace charrnn
