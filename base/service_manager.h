#pragma once

#include <string_view>

namespace charrnn {

/// Tells the service manager that started this process how it stands, as sd_notify(3) does:
/// `READY=1`, `STOPPING=1`, `STATUS=...`, several with newlines between them. One datagram to the
/// socket that $NOTIFY_SOCKET names; nothing happens without one. Never throws and never waits.
void notify_service_manager(std::string_view state) noexcept;

}  // namespace charrnn
