// SPDX-License-Identifier: MIT
// What the administrator wrote, validated: services, the daemon's own settings, and the table of
// both. Plain values: they copy and compare and never act. Names are resolved to numbers before
// they get here.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/base/place.hpp"
#include "superd/base/shared.hpp"
#include "superd/core/address.hpp"
#include "superd/core/rpc.hpp"
#include "superd/core/terms.hpp"
#include "superd/core/upstream.hpp"

namespace superd {

/// A group whose datagrams a socket takes, too. No interface: `device`, or the system's choice.
struct MulticastGroup {
  IpAddress address;
  std::string interface;

  auto operator<=>(const MulticastGroup&) const = default;
};

/// Options of one listening socket. Absent: the system's own default.
struct SocketOptions {
  std::optional<int> backlog;                // connections; absent: the system's maximum
  std::optional<bool> v6only;                // only where the family is left open
  std::string name;                          // in LISTEN_FDNAMES; empty: the service's
  std::string device;                        // interface name, SO_BINDTODEVICE
  bool freebind = false;                     // IP_FREEBIND
  bool transparent = false;                  // IP_TRANSPARENT
  bool reuse_port = false;                   // SO_REUSEPORT
  bool nodelay = false;                      // TCP_NODELAY, inherited by each connection
  bool keepalive = false;                    // SO_KEEPALIVE, inherited by each connection
  std::optional<Milliseconds> defer_accept;  // TCP_DEFER_ACCEPT, rounded up to seconds
  std::optional<int> fast_open;              // TCP_FASTOPEN queue length
  std::optional<int> receive_buffer;         // bytes, SO_RCVBUF
  std::optional<int> send_buffer;            // bytes, SO_SNDBUF
  std::optional<std::uint32_t> mark;         // SO_MARK
  std::optional<int> tos;                    // IP_TOS and IPV6_TCLASS, 0 to 255
  std::vector<MulticastGroup> multicast;     // MCAST_JOIN_GROUP
  bool retry = false;                        // bound later where it can't be now
  std::optional<uid_t> owner;                // of a UNIX socket's path
  std::optional<gid_t> group;
  std::optional<mode_t> mode;            // absent: 0666, anyone may connect
  std::optional<mode_t> make_directory;  // of the path, where it is missing

  auto operator<=>(const SocketOptions&) const = default;
};

/// One socket to bind.
struct Listen {
  BindAddress address;
  Shared<SocketOptions> options;
  Place place;

  /// Where it was written makes no difference.
  bool operator==(const Listen& other) const {
    return address == other.address && options == other.options;
  }
};

/// Who a handler runs as.
struct Identity {
  std::string user;  // the name, for messages
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary groups, exactly these

  auto operator<=>(const Identity&) const = default;
};

struct ResourceLimit {
  int resource = 0;  // RLIMIT_…
  rlim_t soft = RLIM_INFINITY;
  rlim_t hard = RLIM_INFINITY;

  auto operator<=>(const ResourceLimit&) const = default;
};

enum class StderrTo : std::uint8_t { log, socket, null };
enum class ClientGone : std::uint8_t { ignore, stop };

/// How a handler is run, whatever starts it.
struct Process {
  std::optional<Identity> identity;  // absent: as whoever runs superd
  std::string directory = "/";
  mode_t umask = 022;
  std::optional<int> nice;  // -20 to 19, absolute
  std::optional<std::string> argv0;
  std::vector<std::pair<std::string, std::string>>
      environment;  // pass_environment is in here already
  StderrTo stderr_to = StderrTo::log;
  std::vector<ResourceLimit> rlimits;
  std::optional<Milliseconds> timeout;  // a run's longest life
  int stop_signal = SIGTERM;
  Milliseconds stop_grace{5000};  // after stop_signal, before KILL
  ClientGone on_client_gone = ClientGone::ignore;
  Milliseconds linger{0};  // 0: off

  auto operator<=>(const Process&) const = default;
};

/// A program, and the words it is started with.
struct CommandLine {
  std::string program;  // absolute path
  std::vector<std::string>
      arguments;  // argv: the command's words; a relative path in front is made absolute

  bool operator==(const CommandLine&) const = default;
};

/// Programs that are started ahead of their connections.
struct Warmth {
  unsigned ready = 0;          // so many are kept; 0: none
  Milliseconds idle{300'000};  // without a connection, before they leave
  bool always = false;         // they stay, and are there from the start on

  bool operator==(const Warmth&) const = default;
};

/// The processors that superd-warm is written for.
#if defined(__x86_64__) || defined(__aarch64__)
inline constexpr bool can_keep_warm = true;
#else
inline constexpr bool can_keep_warm = false;
#endif

/// One process per connection, the connection on its stdin and stdout; of datagrams one per peer.
struct RunHandler : CommandLine {
  std::optional<Milliseconds> stop_after = std::nullopt;  // of datagrams: without one from the peer
  Warmth warm = {};

  bool operator==(const RunHandler&) const = default;
};

/// `stop_after` of a `run` on datagrams that doesn't say.
inline constexpr Milliseconds standard_silence{30'000};

/// How a program finds the sockets that it is handed: inetd's way, systemd's, or either.
enum class Handoff : std::uint8_t { both, standard_input, listen_fds };

/// When a program counts as ready: once it runs, or when it says so (sd_notify(3)).
enum class ReadyWhen : std::uint8_t { exec, notify };

/// One process gets the listening sockets themselves, until it ends.
struct HandOver : CommandLine {
  Handoff handoff = Handoff::both;
  std::optional<Milliseconds> stop_after;  // without a connection; absent: it ends by itself
  ReadyWhen ready = ReadyWhen::exec;
  Milliseconds start_timeout{30'000};  // to say so; then it is stopped

  bool operator==(const HandOver&) const = default;
};

/// Connections go on to another address, byte for byte, through superd-relay.
struct Forward {
  Shared<ForwardRules> rules;

  bool operator==(const Forward&) const = default;
};

/// The verb of a service. Later verbs are further alternatives, and the compiler shows what they
/// must touch.
using Activation = std::variant<RunHandler, HandOver, Forward>;

/// The program of a service, whatever its verb; null where it has none.
const CommandLine* command_of(const Activation& activation);

/// How many sockets a program can be handed: a launch copies few descriptors, os/descriptors.
inline constexpr std::size_t most_handed_over = 32;

/// Where a key of a service was written; of its defaults, too. A few bytes, for there are many.
struct Origin {
  std::uint32_t line = 0;  // 0: on the command line
  std::uint16_t file = 0;  // position in ServiceTable::files
  std::uint8_t key = 0;    // position among the keys of a service, config/read_service

  /// In the place of a file: superctl set.
  static constexpr std::uint16_t at_run_time = 0xFFFF;
};

struct Service {
  std::string name;
  std::string description;
  bool enabled = true;
  std::vector<Listen> listen;
  Activation activation;
  std::optional<RpcProgram> rpc;  // absent: rpcbind isn't told
  Shared<Process> process;
  Shared<Terms> terms;
  Place place;
  std::vector<Origin> origins;  // by key, each once

  /// Where it was written makes no difference.
  bool operator==(const Service& other) const {
    return name == other.name && description == other.description && enabled == other.enabled &&
           listen == other.listen && activation == other.activation && rpc == other.rpc &&
           process == other.process && terms == other.terms;
  }
};

/// Immutable once in a table; a connection keeps the service it started under alive.
using ServicePtr = std::shared_ptr<const Service>;

enum class LogFormat : std::uint8_t { text, json, xinetd };
enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogSettings {
  enum class To : std::uint8_t { stderr_stream, syslog, journal, file };
  To to = To::stderr_stream;
  std::string path;  // for To::file, absolute
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;

  bool operator==(const LogSettings&) const = default;
};

/// Users and groups, by number.
struct Accounts {
  std::vector<uid_t> users;
  std::vector<gid_t> groups;

  bool operator==(const Accounts&) const = default;
};

/// Where administrators ask, and who may. Root and whoever runs superd may do all.
struct ControlSettings {
  std::optional<std::string> path;  // absolute; absent: default_control_path()
  bool enabled = true;              // `control: none`
  std::optional<uid_t> owner;       // of the path
  std::optional<gid_t> group;
  std::optional<mode_t> mode;  // absent: 0600, and 0666 where `read` or `change` name anybody
  Accounts read, change;

  bool operator==(const ControlSettings&) const = default;
};

/// Settings of superd itself.
struct Daemon {
  ControlSettings control;
  LogSettings log;
  std::string services_dir = "/usr/lib/superd/services";
  unsigned instances = 10000;          // handlers running at once, all services together
  Milliseconds stop_after{30000};      // how long a drain may take at TERM
  std::optional<Identity> relay_user;  // who superd's own small programs run as: core/relay_user

  bool operator==(const Daemon&) const = default;
};

struct ServiceTable {
  std::uint64_t generation = 0;
  Daemon daemon;
  std::vector<ServicePtr> services;                       // in the order written, disabled ones too
  std::vector<std::shared_ptr<const std::string>> files;  // that it was read from
};

}  // namespace superd
