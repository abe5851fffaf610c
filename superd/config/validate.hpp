// SPDX-License-Identifier: MIT
// Drafts -> services: what only several keys together can say, and what services take from each
// other.
#pragma once

#include <vector>

#include "superd/config/draft.hpp"
#include "superd/config/load.hpp"
#include "superd/config/report.hpp"

namespace superd {

/// The table of `drafts`, or all that was reported of them, here and before. Ends the report.
Loaded make_table(const Daemon& daemon, std::vector<Draft> drafts, const Host& host,
                  Report& report);

/// Reports sockets that the verb of their service can't serve.
void check_verbs(const std::vector<ServicePtr>& services, Report& report);

/// Reports sockets that rpcbind knows nothing of, and programs that are two services at once.
void check_rpc(const std::vector<ServicePtr>& services, Report& report);

/// Reports sockets of enabled services that could not be bound at once.
void check_addresses(const std::vector<ServicePtr>& services, Report& report);

}  // namespace superd
