// SPDX-License-Identifier: MIT
// The keys of `daemon`, and of its `log`.
#pragma once

#include <span>

#include "superd/config/key.hpp"
#include "superd/core/service.hpp"

namespace superd {

std::span<const Key<Daemon>> daemon_keys();
std::span<const Key<LogSettings>> log_keys();

}  // namespace superd
