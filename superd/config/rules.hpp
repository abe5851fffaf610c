// SPDX-License-Identifier: MIT
// One entry of `allow` and `deny`, in the table or in a list file: an address, a network, a host
// name, a .domain, user:NAME or group:NAME; and entries gathered to a list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "superd/config/report.hpp"
#include "superd/core/host.hpp"
#include "superd/core/rule_list.hpp"

namespace superd {

inline constexpr const char* rule_remedy =
    "give an address, a network such as 192.0.2.0/24, a host name, a .domain, user:NAME or "
    "group:NAME";

struct RuleDraft {
  std::vector<NetworkSet::Entry> networks;
  std::vector<NameRule> names;
  std::vector<AccountRule> accounts;
};

/// Adds the rule that `word` is. Gives a warning, which may be empty; the error is a remedy.
Result<std::string> add_rule(std::string_view word, std::uint32_t line, const Host& host,
                             RuleDraft& draft);

/// The list of `draft`; entries that are there twice are reported.
RuleListPtr make_list(RuleDraft draft, const std::shared_ptr<const std::string>& file,
                      const std::string& path, const std::string& subject, Report& report);

}  // namespace superd
