// SPDX-License-Identifier: MIT
// Names that an address really has: whoever owns an address block can write any name into its
// reverse zone, so a name counts only if its own zone names the address, too. Blocks.
#pragma once

#include "superd/core/lookup_message.hpp"

namespace superd {

/// The names that both directions agree on, at most `most_names`, in the resolver's order. Failed:
/// the resolver had no answer for the address, or no name agrees and one could not be asked for.
LookupOutcome confirmed_names(const IpAddress& address);

/// The addresses of a host, at most `most_addresses`, each once, in the resolver's order, which is
/// that of RFC 6724. Failed: the resolver had no answer.
LookupOutcome host_addresses(const std::string& host);

/// The addresses of a host, at most `most_addresses`, each once, in the resolver's order, which is
/// that of RFC 6724. Failed: the resolver had no answer.
LookupOutcome host_addresses(const std::string& host);

}  // namespace superd
