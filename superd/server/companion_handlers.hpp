// SPDX-License-Identifier: MIT
// The programs of superd's own, made ready to launch: as whom, and how little of everything they
// get.
#pragma once

#include <optional>
#include <string>

#include "superd/server/handler.hpp"

namespace superd {

/// Where the program `name` is, for a superd at `superd`: beside it in a build tree, else in
/// lib/superd of where both are installed.
std::string companion_program(const std::string& superd, const std::string& name);

/// superd-lookup at `program`: as `identity`, or else as superd itself. `descriptors`: as for
/// Handler.
HandlerPtr lookup_handler(const std::string& program, std::optional<Identity> identity,
                          const rlimit& descriptors);

/// superd-relay for a service, which its stderr is told to be of; with as many descriptors as
/// superd may have itself.
HandlerPtr relay_handler(const std::string& program, std::optional<Identity> identity,
                         const rlimit& descriptors, const std::string& service);

}  // namespace superd
