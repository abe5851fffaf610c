// SPDX-License-Identifier: MIT
// Rules that were written in one place: the entries of an `allow` or `deny`, or those of a file
// that one of them names with @. Immutable once made, and shared by all services that use it.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/place.hpp"
#include "superd/core/network_set.hpp"
#include "superd/core/peer.hpp"

namespace superd {

/// "host.example.org", or ".example.org" for all names that end so. In lower case.
struct NameRule {
  std::string pattern;
  std::uint32_t line = 0;
};

/// A user or group at the other end of a UNIX socket.
struct AccountRule {
  enum class Kind : std::uint8_t { user, group };
  Kind kind = Kind::user;
  std::uint32_t id = 0;
  std::string name;  // as written
  std::uint32_t line = 0;
};

/// One rule of a list that applies to a peer, and how closely: only the rules of one kind
/// (networks, names, accounts) can be compared.
struct RuleMatch {
  unsigned closeness = 0;
  std::uint32_t line = 0;
  std::string rule;  // "192.0.2.0/24", ".example.org", "user:alice"
};

struct RuleList {
  std::shared_ptr<const std::string> file;  // where the entries are; absent: the command line
  std::string path;             // of a list file, absolute; empty: the entries are in the table
  NetworkSet networks;          // each with its line
  std::vector<NameRule> names;  // sorted by pattern, each once
  std::vector<AccountRule> accounts;  // sorted by kind and id, each once

  /// Where an entry was written makes no difference.
  bool operator==(const RuleList& other) const;

  std::size_t size() const { return networks.size() + names.size() + accounts.size(); }
  Place place_of(std::uint32_t line) const { return {file, static_cast<int>(line), 0}; }
};

using RuleListPtr = std::shared_ptr<const RuleList>;

/// Puts names and accounts in order and drops those that are there already.
void tidy(RuleList& list);

/// The rules that apply, the closest first; `most`: no more than these are wanted.
std::vector<RuleMatch> matches(const RuleList& list, const IpAddress& address,
                               std::size_t most = SIZE_MAX);
/// `name` as the resolver gives it: case and a dot at the end make no difference.
std::vector<RuleMatch> matches(const RuleList& list, std::string_view name);
/// `groups`: the peer's supplementary ones.
std::vector<RuleMatch> matches(const RuleList& list, const UnixPeer& peer,
                               std::span<const gid_t> groups);

/// A host name or domain in the form of a rule; empty where it is neither.
std::string as_name_pattern(std::string_view text);

std::string to_text(const AccountRule& rule);

}  // namespace superd
