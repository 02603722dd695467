#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <string>

namespace charrnn {

/// What a run directory tells of its run, for a report: `name`, `config` (config.ini as it stands),
/// `last` (the last training record), `status` (status.json, null without one), and the columns
/// `step`, `seconds`, `chars` and `loss` of `train` and `validation`. At most 4,000 points of each:
/// of a longer run, a point of `train` is the mean of several records. Broken lines are left out.
/// Throws Error(kIo) when metrics.jsonl cannot be read or holds no record.
boost::json::object recorded_run(const std::filesystem::path& directory);

/// Writes status.json: what /run/status tells at the end of a run (`status`, JSON), and `machine`,
/// where it ran: the processor, the version of the program and what `more` adds, by names for
/// people. Throws Error(kIo).
void record_end(const std::filesystem::path& directory, const std::string& status,
                const boost::json::object& more);

}  // namespace charrnn
