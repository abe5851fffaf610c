// SPDX-License-Identifier: MIT
// The user and its group; no other groups, whatever the account has.
#include "superd/core/relay_user.hpp"

namespace superd {

Result<std::optional<Identity>> relay_identity(const Daemon& daemon, const Host& host) {
  if (host.self().uid != 0) return std::optional<Identity>();
  if (daemon.relay_user) return daemon.relay_user;
  const auto nobody = host.user("nobody");
  if (!nobody) return Error{"there is no user 'nobody'; give `relay_user` in `daemon`", 0};
  return std::optional(Identity{nobody->name, nobody->uid, nobody->gid, {}});
}

}  // namespace superd
