// SPDX-License-Identifier: MIT
// The keys `control` and `control_access` of `daemon`: where administrators ask, and who may.
#pragma once

#include <span>

#include "superd/config/key.hpp"
#include "superd/core/service.hpp"

namespace superd {

std::span<const Key<ControlSettings>> control_keys();         // of `control` written as a mapping
std::span<const Key<ControlSettings>> control_access_keys();  // of `control_access`

/// A path, `none`, or a mapping.
void read_control(const Value& value, Daemon& daemon);
NodePtr write_control(const Daemon& daemon);
void read_control_access(const Value& value, Daemon& daemon);
NodePtr write_control_access(const Daemon& daemon);

}  // namespace superd
