// SPDX-License-Identifier: MIT
// What `status` and `ps` answered, for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "superd/ctl/json.hpp"
#include "superd/ctl/text.hpp"

namespace superd {

/// Two lines on superd itself, and those on what is wrong with it.
std::vector<std::string> daemon_lines(const Json& daemon);

/// Where it listens: "127.0.0.1:7001, [::1]:7001"; "-" for nowhere.
std::string addresses_text(const Json& service);

/// Refusals together: {"rate":3,"access":1} are 4.
std::int64_t refused_sum(const Json& service);

/// "rate 3, access 1"; empty without any.
std::string refused_text(const Json& service);

/// "timeout is 10s for another 59min".
std::string override_text(const Json& override);

std::string status_text(const Json& answer, SystemTime now, std::optional<std::size_t> width);

std::string bans_text(const Json& answer, std::optional<std::size_t> width);

std::string ps_text(const Json& answer, std::optional<std::size_t> width);

}  // namespace superd
