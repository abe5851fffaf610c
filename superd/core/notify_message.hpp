// SPDX-License-Identifier: MIT
// What a service's program says of itself, sd_notify(3): lines of NAME=VALUE. The bytes are a
// program's, and may be anything: they are bounded, and what isn't understood is passed over.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace superd {

struct NotifyMessage {
  bool is_ready = false;
  bool is_stopping = false;
  std::optional<std::string> status;  // UTF-8; what isn't is escaped
  std::optional<pid_t> main_pid;

  bool operator==(const NotifyMessage&) const = default;
};

/// Longer ones are cut: their last line may be half a line.
inline constexpr std::size_t longest_notify_message = 4096;
inline constexpr std::size_t longest_notify_status = 200;

/// READY=1, STOPPING=1, STATUS and MAINPID; of several the last counts.
NotifyMessage parse_notify_message(std::string_view bytes);

}  // namespace superd
