#pragma once

#include <boost/program_options/options_description.hpp>
#include <functional>

#include "pipeline/config/option.h"

namespace charrnn {

/// Boost.Program_options' view of the options table: parsing checks a value (BadValue when it is no
/// good), storage keeps its texts, notification writes it into `config`, which must outlive the
/// result; with null it is for help only. One group for each section, with kinds and defaults; with
/// `shown`, only of the options that it holds for.
boost::program_options::options_description describe_options(
    Config* config, const std::function<bool(const Option&)>& shown = {});

}  // namespace charrnn
