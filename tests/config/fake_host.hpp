// SPDX-License-Identifier: MIT
// A made-up machine: two users besides root and nobody, a handful of programs, one host name of
// each kind.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "superd/base/number.hpp"
#include "superd/core/host.hpp"

namespace superd {

class FakeHost : public Host {
 public:
  std::vector<Account> users = {
      {"root", 0, 0}, {"nobody", 65534, 65534}, {"alice", 1000, 1000}, {"bob", 1001, 1001}};
  std::map<std::string, gid_t, std::less<>> groups = {
      {"root", 0}, {"mail", 8}, {"alice", 1000}, {"bob", 1001}, {"nogroup", 65534}};
  std::string me = "root";
  std::set<std::string> programs = {"/bin/cat", "/usr/bin/cat", "/usr/bin/sort", "/bin/sh"};
  std::map<std::string, std::string> program_faults = {{"/etc/passwd", "it is not executable"},
                                                       {"/usr", "it is a directory"}};
  std::map<std::string, std::string> unreachable;  // program -> why nobody reaches it
  std::set<std::string> no_directories = {"/no/such"};
  std::map<std::string, std::string> variables = {{"LANG", "C.UTF-8"}, {"TZ", "Asia/Seoul"}};
  bool journal = false;
  bool libwrap = true;

  Account self() const override { return *user(me); }
  std::vector<gid_t> own_groups() const override { return groups_of(self()); }

  std::optional<Account> user(std::string_view name) const override {
    for (const Account& account : users) {
      if (account.name == name || std::to_string(account.uid) == name) return account;
    }
    return std::nullopt;
  }

  std::optional<gid_t> group(std::string_view name) const override {
    if (const auto found = groups.find(name); found != groups.end()) return found->second;
    const auto number = parse_number(name, 0, 65534);
    return number ? std::optional(static_cast<gid_t>(*number)) : std::nullopt;
  }

  std::vector<gid_t> groups_of(const Account& account) const override {
    if (account.name == "alice") return {account.gid, 8};
    return {account.gid};
  }

  Result<std::vector<IpAddress>> resolve(const std::string& name) const override {
    if (name == "localhost") return std::vector{*parse_ip("::1"), *parse_ip("127.0.0.1")};
    if (name == "v4.example") return std::vector{*parse_ip("192.0.2.1")};
    return Error{"Name or service not known"};
  }

  std::optional<std::uint16_t> service_port(const std::string& service_name,
                                            Transport transport) const override {
    if (service_name == "tftp" && transport == Transport::udp) return 69;
    const bool is_finger = service_name == "finger" && transport != Transport::udp;
    return is_finger ? std::optional<std::uint16_t>(79) : std::nullopt;
  }

  std::optional<std::uint32_t> rpc_program(const std::string& name) const override {
    return name == "rusersd" ? std::optional<std::uint32_t>(100002) : std::nullopt;
  }

  bool has_interface(const std::string& name) const override { return name == "lo"; }

  std::optional<std::string> environment(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<std::string> program_fault(const std::string& path) const override {
    if (programs.count(path) != 0) return std::nullopt;
    const auto found = program_faults.find(path);
    return found == program_faults.end() ? "no such file" : found->second;
  }

  std::optional<std::string> reach_fault(const std::string& path,
                                         const Identity& identity) const override {
    const auto found = unreachable.find(path);
    if (identity.uid == 0 || found == unreachable.end()) return std::nullopt;
    return found->second;
  }

  std::optional<std::string> directory_fault(const std::string& path) const override {
    if (no_directories.count(path) != 0) return "no such directory";
    return std::nullopt;
  }

  bool has_zone(const std::string& name) const override { return name == "Asia/Seoul"; }
  bool has_hosts_access() const override { return libwrap; }

  bool has_journal() const override { return journal; }
};

}  // namespace superd
