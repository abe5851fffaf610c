// SPDX-License-Identifier: MIT
// Who the programs of superd itself run as that touch strangers' bytes: never root.
#pragma once

#include <optional>

#include "superd/base/result.hpp"
#include "superd/core/host.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// `daemon.relay_user`, else nobody; absent where superd isn't root and they run as it does. Error:
/// there is no nobody.
Result<std::optional<Identity>> relay_identity(const Daemon& daemon, const Host& host);

}  // namespace superd
