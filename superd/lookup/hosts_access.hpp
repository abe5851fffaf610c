// SPDX-License-Identifier: MIT
// What hosts.allow and hosts.deny say of a client, by libwrap itself (hosts_access(5)). It keeps
// state, sets alarms and may run commands: to be asked once in a process, which then ends. Blocks.
#pragma once

#include "superd/core/lookup_message.hpp"

namespace superd {

/// Failed: one of the two files can't be read, or there is no libwrap here.
LookupOutcome hosts_access_verdict(const HostsAccessQuestion& question);

}  // namespace superd
