// SPDX-License-Identifier: MIT
// One thing that happened. Logs, metrics and superctl are renderings of it: the text is here, JSON
// and xinetd's lines are in the rooms beside. A new event is one struct in the variant, and the
// compiler shows the visits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "superd/base/number.hpp"
#include "superd/core/bans.hpp"
#include "superd/core/peer.hpp"
#include "superd/core/refusal.hpp"
#include "superd/core/relay_message.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// Which run an event is about.
struct Run {
  std::string service;
  Peer peer;
  std::uint64_t connection = 0;  // counts from 1, the handler's SUPERD_CONNECTION
  pid_t pid = 0;                 // 0: there was no process
};

/// Why superd itself ended a run.
enum class Stop : std::uint8_t {
  none,
  timeout,
  client_gone,
  administrator,
  shutdown,
  idle,
  start_timeout
};

/// How a process ended and what it used, from wait4(2).
struct Exit {
  int status = 0;  // as wait(2) gives it
  Milliseconds duration{0};
  Milliseconds cpu{0};
  std::uint64_t peak_memory = 0;  // bytes
  bool peak_is_bound =
      false;  // it was at most that much: less than superd itself has, getrusage(2)
  Stop stop = Stop::none;
};

struct Listening {
  std::string service, address;
};
struct StoppedListening {
  std::string service, address;
};
struct Started {
  Run run;
};
struct Ended {
  Run run;
  Exit exit;
};
/// A forwarded connection; its pid is the relay's, and its Started was when the relay got it.
struct ForwardEnded {
  Run run;
  Finished how;  // `id` is the connection's number again
  Milliseconds duration{0};
  Stop stop = Stop::none;
};
/// `step` is the child step's name, or "stderr" or "clone" where there was no child yet.
struct LaunchFailed {
  Run run;
  std::string step;
  int error = 0;
};
/// A peer was not admitted. Told of some; Metrics::refused() counts all.
struct Refused {
  std::string service;
  Peer peer;
  Refusal refusal;
};
/// Of the same service, source and reason as one that was told, so many more since.
struct RefusedMore {
  std::string service;
  std::string source;  // as limits count it: "192.0.2.1", "2001:db8::/64", "uid:1000"
  Reason reason = Reason::address;
  std::uint64_t count = 0;
};
/// From all services. Without a service an administrator did it.
struct Banned {
  std::string service;
  Network network;
  std::string reason;
  Milliseconds lasts{0};
};
struct Unbanned {
  Network network;
  bool by_hand = false;  // else its time was over
};
struct StderrLine {
  std::string service, text;
  bool cut = false;
};
/// No listener accepts: connections wait in the kernel's backlog. `reason` says what ran out.
struct Paused {
  std::string reason;
};
struct Resumed {
  Milliseconds after{0};
};
struct LinesDropped {
  std::uint64_t count = 0;
};
struct Ready {
  std::size_t services = 0, listeners = 0;
};
/// A table has replaced another.
struct Reloaded {
  std::uint64_t generation = 0;
  std::size_t opened = 0, kept = 0, closed = 0;     // sockets
  std::size_t added = 0, removed = 0, changed = 0;  // services
};
/// The old table serves on; the reasons were said before, one by one.
struct ReloadRefused {
  std::size_t errors = 0;
};
struct ServicePaused {
  std::string service;
};
struct ServiceResumed {
  std::string service;
};
/// An administrator's override of a key; without a value it has ended.
struct Overridden {
  std::string service, key;
  std::optional<std::string> value;
  std::optional<Milliseconds> lasts;
};
/// A new superd serves in the place of the old one: the same process, children and sockets.
struct Upgraded {
  std::string from, to;  // versions
};
struct UpgradeRefused {
  std::string reason;
};
struct Draining {
  std::size_t running = 0;
  Milliseconds deadline{0};
};
struct Stopped {};
/// Anything else superd has to say, of itself or of a service.
struct Notice {
  LogLevel level = LogLevel::info;
  std::string text;
  std::string service = {};
};

using Event =
    std::variant<Listening, StoppedListening, Started, Ended, ForwardEnded, LaunchFailed, Refused,
                 RefusedMore, Banned, Unbanned, StderrLine, Paused, Resumed, LinesDropped, Ready,
                 Reloaded, ReloadRefused, ServicePaused, ServiceResumed, Overridden, Upgraded,
                 UpgradeRefused, Draining, Stopped, Notice>;

LogLevel level_of(const Event& event);
const char* name_of(
    Stop stop);  // "timeout", "client-gone", "administrator", "shutdown"; "" for none

/// "TERM", "KILL", …; "SIG63" for one without a name.
std::string signal_name(int number);

/// One line without a line end; whatever strangers supplied is escaped.
std::string to_text(const Event& event);
/// The members of a JSON object without its opening brace, beginning with `"event":…`: the time and
/// the level come before it when it is written.
std::string to_json(const Event& event);
/// xinetd's START, EXIT and FAIL lines, so that its log readers go on working; other events as
/// text.
std::string to_xinetd(const Event& event);

}  // namespace superd
