// SPDX-License-Identifier: MIT
// What superd and superd-lookup say to each other: one line of words for each message, no line end.
// Pure and bounded. Neither side trusts the other's bytes: what isn't exactly a message is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "superd/core/peer.hpp"

namespace superd {

/// Which names an address has by reverse and by forward lookup alike.
struct NamesQuestion {
  IpAddress address;
};

/// Whether hosts.allow and hosts.deny let `peer` in to `daemon` (hosts_access(5)).
struct HostsAccessQuestion {
  std::string daemon;
  Peer peer;
};

/// Which addresses a host has, for connecting to it.
struct AddressesQuestion {
  std::string host;
};

using LookupQuestion = std::variant<NamesQuestion, HostsAccessQuestion, AddressesQuestion>;

struct LookupRequest {
  std::uint64_t id = 0;
  LookupQuestion question;
};

/// There is no answer: the resolver failed, or it took too long.
struct LookupFailed {
  bool operator==(const LookupFailed&) const = default;
};

/// In lower case, without the dot at the end; none is an answer, too.
struct ConfirmedNames {
  std::vector<std::string> names;

  bool operator==(const ConfirmedNames&) const = default;
};

enum class HostsVerdict : std::uint8_t { allowed, denied };

/// In the order in which they are to be tried; none is an answer, too.
struct HostAddresses {
  std::vector<IpAddress> addresses;

  bool operator==(const HostAddresses&) const = default;
};

using LookupOutcome = std::variant<LookupFailed, ConfirmedNames, HostsVerdict, HostAddresses>;

struct LookupAnswer {
  std::uint64_t id = 0;
  LookupOutcome outcome;
};

/// Of one address; further ones are left out.
inline constexpr std::size_t most_names = 8;
/// Of one host.
inline constexpr std::size_t most_addresses = 16;
/// In bytes; longer ones are no messages.
inline constexpr std::size_t longest_lookup_request = 512;
inline constexpr std::size_t longest_lookup_answer = 4096;

/// A name for hosts.allow: 1 to 64 letters, digits and characters of "_-.+".
bool is_hosts_access_name(std::string_view name);

/// "names 192.0.2.1", "hosts_access sshd 192.0.2.1 5000 198.51.100.1 22", "hosts_access sshd uid
/// 1000", "addresses www.example.org": the same question always in the same words.
std::string to_text(const LookupQuestion& question);

std::string encode(const LookupRequest& request);  // "ID QUESTION"
std::string encode(const LookupAnswer& answer);  // "ID names N…", "ID addresses A…", "ID failed"

std::optional<LookupRequest> parse_lookup_request(std::string_view message);
/// Names are read by read_host_name() once more: who answers could have been taken over.
std::optional<LookupAnswer> parse_lookup_answer(std::string_view message);

/// Whether superd-lookup can be asked for `hosts_access`: it was built with libwrap.
bool has_libwrap();

}  // namespace superd
