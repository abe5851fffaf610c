// SPDX-License-Identifier: MIT
// What administrators have set for a while on top of the table: superctl set. A value; the roster
// puts it to work.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "superd/config/override.hpp"
#include "superd/core/host.hpp"
#include "superd/io/task.hpp"

namespace superd {

struct ActiveOverride {
  std::string key, value;
  std::optional<Clock::time_point> expires;  // absent: until it is unset
};

class Overrides {
 public:
  /// In the place of one of the same key.
  void set(const std::string& service, ActiveOverride one);
  /// Of one key, or of all with an empty one; those that were there.
  std::vector<ActiveOverride> unset(const std::string& service, const std::string& key);

  const std::vector<ActiveOverride>& of(const std::string& service) const;
  const std::map<std::string, std::vector<ActiveOverride>>& all() const { return all_; }

  std::optional<Clock::time_point> next_expiry() const;
  /// Services and keys whose time is over.
  std::vector<std::pair<std::string, std::string>> expired(Clock::time_point now) const;

  /// The table with them. Those that no longer fit (their service is gone, or its new words refuse
  /// the value) are dropped, with the reasons in `dropped`.
  ServiceTable applied_to(const ServiceTable& written, const Host& host,
                          std::vector<std::string>& dropped);

 private:
  std::map<std::string, std::vector<ActiveOverride>> all_;
};

}  // namespace superd
