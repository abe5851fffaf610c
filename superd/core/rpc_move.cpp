// SPDX-License-Identifier: MIT
// What has our address is ours; so is what we registered and nobody serves, for we may have had
// another port when we did.
#include "superd/core/rpc_move.hpp"

namespace superd {

RpcMove move_for(const RpcTask& task, const RpcEntry* present, const std::string& self,
                 const IsServed& is_served) {
  const bool is_as_named = present && present->registration.address == task.registration.address;
  if (task.wish == RpcTask::Wish::gone) return is_as_named ? RpcMove::unset : RpcMove::none;
  if (is_as_named) return RpcMove::none;
  if (!present) return RpcMove::set;
  const bool is_stale = present->owner == self && !is_served(present->registration);
  return is_stale ? RpcMove::replace : RpcMove::leave;
}

}  // namespace superd
