// SPDX-License-Identifier: MIT
// A request on the control socket: one line of words, read against the table of commands. Pure and
// bounded: strangers write these lines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/base/result.hpp"
#include "superd/core/control_access.hpp"
#include "superd/core/schedule.hpp"

namespace superd {

/// Bytes, without the line end.
inline constexpr std::size_t longest_control_request = std::size_t{64} * 1024;

enum class Command : std::uint8_t {
  status,
  ps,
  events,
  show,
  metrics,
  diff,
  explain,
  bans,
  reload,
  pause,
  resume,
  stop,
  set,
  unset,
  ban,
  unban,
  drain,
  shutdown,
  upgrade,
};

struct ControlRequest {
  Command command = Command::status;
  std::vector<std::string> arguments;    // as many as its command takes
  bool active = false;                   // --active
  bool follow = false;                   // --follow
  std::optional<std::string> service;    // --service
  std::optional<Milliseconds> duration;  // --for
  std::optional<std::string> reason;     // --reason
  std::optional<LocalTime> at;           // --at

  bool operator==(const ControlRequest&) const = default;
};

/// An option of a command. `value`: what follows it, for messages; empty where nothing does.
struct CommandOption {
  std::string_view name, value;
  Result<void> (*read)(ControlRequest& request, const std::string& value);
};

/// A command as the daemon understands it.
struct CommandShape {
  Command command;
  std::string_view name, arguments;  // "set", "SERVICE KEY VALUE"
  std::size_t fewest, most;          // arguments
  Access access;                     // what it needs
  Access access_with_arguments;      // and with arguments
  std::span<const CommandOption> options;
};

/// Every command once, in the order of docs/CONTROL.md.
std::span<const CommandShape> command_shapes();
const CommandShape& shape_of(Command command);

/// `line` without its end: words as base/words splits them. Options may stand anywhere after the
/// command; after the word "--" there are none. Errors: a sentence for whoever wrote the line.
Result<ControlRequest> parse_control_request(std::string_view line);

Access needed_access(const ControlRequest& request);

}  // namespace superd
