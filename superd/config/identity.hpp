// SPDX-License-Identifier: MIT
// Who a handler runs as: the keys user, group and groups, and what follows where they are silent.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_user(const Value& value, Draft& draft);
NodePtr write_user(const Draft& draft);
void read_group(const Value& value, Draft& draft);
NodePtr write_group(const Draft& draft);
void read_groups(const Value& value, Draft& draft);
NodePtr write_groups(const Draft& draft);

/// Completes identities. Remembers what it has asked, since a thousand services share one user.
class Identities {
 public:
  Identities(const Host& host, Report& report) : host_(host), report_(report) {}

  /// Absent where the handler runs as superd does, and after a fault, which is reported.
  std::optional<Identity> complete(const Draft& draft);

  /// Who the handler will be in the end: `identity`, or superd itself.
  Identity effective(const std::optional<Identity>& identity) const;

 private:
  const Account* default_user(const Draft& draft);
  const std::vector<gid_t>& groups_of(const Account& account);

  const Host& host_;
  Report& report_;
  std::optional<std::optional<Account>> nobody_;  // outer: not asked yet
  std::map<uid_t, std::vector<gid_t>> groups_;
};

}  // namespace superd
