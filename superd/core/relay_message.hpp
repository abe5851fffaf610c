// SPDX-License-Identifier: MIT
// What superd and superd-relay say to each other: fields with a NUL between them, the first of
// which says what it is. Pure and bounded. Neither side trusts the other's bytes: what isn't
// exactly a message is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "superd/core/peer.hpp"
#include "superd/core/upstream.hpp"

namespace superd {

// ---- superd to superd-relay

/// What a relay does with all connections that it takes: the first message, and only that. Other
/// kinds of work will be further messages in its place.
struct RelayPlan {
  ForwardRules rules;
};

/// One more connection; its socket comes along.
struct Take {
  std::uint64_t id = 0;
  Peer peer;  // for the upstream: of a peer that has no address in the internet nothing is told
};

/// The answer to a WantHost; none where it has no address, or nobody knows.
struct HostFound {
  std::string name;
  std::vector<IpAddress> addresses;
};

/// One connection shall end.
struct Drop {
  std::uint64_t id = 0;
};

using RelayOrder = std::variant<RelayPlan, Take, HostFound, Drop>;

// ---- superd-relay to superd

/// All connections up to this one have been taken: they are numbered as they come.
struct Taken {
  std::uint64_t id = 0;
};

/// The addresses of this host are needed.
struct WantHost {
  std::string name;
};

/// How a forwarded connection ended.
enum class RelayEnd : std::uint8_t {
  closed,          // both sides had said all
  client_reset,    // the client broke it off
  upstream_reset,  // the upstream did
  no_upstream,     // none of the list could be connected to
  idle,            // idle_timeout
  shortage,        // the relay ran out of something
  stopped,         // superd wanted it
  relay_died,      // said by superd alone
};

struct Finished {
  std::uint64_t id = 0;
  std::uint64_t bytes_in = 0;   // from the client to the upstream
  std::uint64_t bytes_out = 0;  // and back
  RelayEnd end = RelayEnd::closed;
  int error = 0;         // the errno behind it; 0: there is none
  std::string upstream;  // which it was, or was the last that was tried; may be empty
};

using RelayReport = std::variant<Taken, WantHost, Finished>;

/// In bytes; longer ones are no messages.
inline constexpr std::size_t longest_relay_order = 8192;
inline constexpr std::size_t longest_relay_report = 1024;
/// Of a host; further ones are left out.
inline constexpr std::size_t most_host_addresses = 16;

/// Whether it is no fault of either side's, but of what superd has to see to.
bool is_fault(RelayEnd end);
const char* name_of(RelayEnd end);  // "closed", "client-reset", "no-upstream", …

std::string encode(const RelayOrder& order);
std::string encode(const RelayReport& report);
std::optional<RelayOrder> parse_relay_order(std::string_view message);
std::optional<RelayReport> parse_relay_report(std::string_view message);

}  // namespace superd
