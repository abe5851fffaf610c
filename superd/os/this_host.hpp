// SPDX-License-Identifier: MIT
// This machine, as the loader asks about it. Blocking look-ups (NSS, DNS): for load time only.
#pragma once

#include "superd/core/host.hpp"

namespace superd {

class ThisHost final : public Host {
 public:
  Account self() const override;
  std::vector<gid_t> own_groups() const override;
  std::optional<Account> user(std::string_view name) const override;
  std::optional<gid_t> group(std::string_view name) const override;
  std::vector<gid_t> groups_of(const Account& account) const override;
  Result<std::vector<IpAddress>> resolve(const std::string& name) const override;
  std::optional<std::uint16_t> service_port(const std::string& service_name,
                                            Transport transport) const override;
  std::optional<std::uint32_t> rpc_program(const std::string& name) const override;
  bool has_interface(const std::string& name) const override;
  std::optional<std::string> environment(const std::string& name) const override;
  std::optional<std::string> program_fault(const std::string& path) const override;
  std::optional<std::string> reach_fault(const std::string& path,
                                         const Identity& identity) const override;
  std::optional<std::string> directory_fault(const std::string& path) const override;
  bool has_zone(const std::string& name) const override;
  bool has_hosts_access() const override;
  bool has_journal() const override;
};

}  // namespace superd
