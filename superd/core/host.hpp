// SPDX-License-Identifier: MIT
// What the table must know of the machine it will run on: accounts, names, programs. The loader
// asks through this, so that it never touches the machine itself and tests can hand it a made-up
// one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;  // the primary group
};

/// May be asked by several threads at once.
class Host {
 public:
  virtual ~Host() = default;

  /// Who superd runs as (effective ids); root may become anyone, others only themselves.
  virtual Account self() const = 0;
  virtual std::vector<gid_t> own_groups() const = 0;

  /// By name or by number; a number without an account is not found.
  virtual std::optional<Account> user(std::string_view name) const = 0;
  virtual std::optional<gid_t> group(std::string_view name) const = 0;
  virtual std::vector<gid_t> groups_of(const Account& account) const = 0;  // with the primary one

  /// All addresses of a host name, IPv6 and IPv4, in the resolver's order without repeats.
  virtual Result<std::vector<IpAddress>> resolve(const std::string& name) const = 0;
  /// services(5); MPTCP has the names of TCP.
  virtual std::optional<std::uint16_t> service_port(const std::string& service_name,
                                                    Transport transport) const = 0;
  /// rpc(5): the number of a program of ONC RPC, by its name or an alias.
  virtual std::optional<std::uint32_t> rpc_program(const std::string& name) const = 0;
  virtual bool has_interface(const std::string& name) const = 0;

  virtual std::optional<std::string> environment(const std::string& name) const = 0;

  /// Why `path` can't be run by anybody ("no such file", "is a directory", …); absent if it can.
  virtual std::optional<std::string> program_fault(const std::string& path) const = 0;

  /// Why `identity` can't reach or run it, judged by the mode bits ("'/root' is closed to it (mode
  /// 0700)").
  virtual std::optional<std::string> reach_fault(const std::string& path,
                                                 const Identity& identity) const = 0;

  /// Why `path` isn't a directory one could start in; absent if it is.
  virtual std::optional<std::string> directory_fault(const std::string& path) const = 0;

  /// Whether the machine knows the time zone, by its name in the tz database: "Asia/Seoul".
  virtual bool has_zone(const std::string& name) const = 0;

  /// Whether superd can ask hosts.allow and hosts.deny, hosts_access(3).
  virtual bool has_hosts_access() const = 0;

  /// Whether sd_journal_send(3) would find a journal.
  virtual bool has_journal() const = 0;
};

}  // namespace superd
