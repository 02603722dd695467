#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/commands/loss_history.h"

namespace charrnn {

/// Where a training run stands, for a person.
struct ProgressFigures {
  std::uint64_t step = 0;
  std::uint64_t epoch = 0;
  double loss = 0.0;                   ///< of the last step, nats
  std::optional<double> validation;    ///< the newest validation loss, nats
  double characters_per_second = 0.0;  ///< mean of this process
  std::optional<double> seconds_left;  ///< none: nothing limits the run
  std::optional<double> share;         ///< of the run that is done, 0 to 1; none as before
};

/// What a terminal can show.
struct TerminalLook {
  std::size_t columns = 80;
  bool colours = true;
  bool blocks = true;  ///< characters beyond ASCII
};

/// The look of standard error as it is now: colours unless NO_COLOR is set, and blocks where the
/// locale is of UTF-8.
TerminalLook terminal_look();

/// A line and how many columns it takes.
struct ShownLine {
  std::string text;
  std::size_t columns = 0;
};

/// One line with a bar, a sparkline of the losses and as many figures as fit in front of the last
/// column; the step is cut rather than left out.
ShownLine progress_line(const ProgressFigures& figures, const LossHistory& losses,
                        const TerminalLook& look);

/// All figures as a line of a log.
std::string progress_text(const ProgressFigures& figures);

/// All figures by name: `step`, `epoch`, `train_loss`, `validation_loss`, `chars_per_second`,
/// `seconds_left`, `share`; what is not known is null.
boost::json::object progress_fields(const ProgressFigures& figures);

}  // namespace charrnn
