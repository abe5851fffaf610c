// SPDX-License-Identifier: MIT
// `allow` and `deny`: rules in the table and in list files, and which of them say nothing.
#pragma once

#include <set>

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_allow(const Value& value, Draft& draft);
NodePtr write_allow(const Draft& draft);
void read_deny(const Value& value, Draft& draft);
NodePtr write_deny(const Draft& draft);

/// Warns of rules that change nothing: within another one that says the same, or named by both
/// keys, or a name where networks decide for everybody. Rules that many services share are looked
/// at once.
class IdleRules {
 public:
  explicit IdleRules(Report& report) : report_(report) {}

  void check(const Draft& draft);

 private:
  void check_names(const Draft& draft);

  Report& report_;
  std::set<AccessRules> checked_;
};

}  // namespace superd
