// SPDX-License-Identifier: MIT
// What is to be done at rpcbind for a task, by what it has already: never robs whoever is there.
#pragma once

#include <functional>
#include <string>

#include "superd/core/rpc_message.hpp"

namespace superd {

/// A line of rpcbind's table.
struct RpcEntry {
  RpcRegistration registration;
  std::string owner;  // "superuser", or a user's number
};

enum class RpcMove : std::uint8_t {
  none,     // it is as wished
  set,      // nobody is there
  unset,    // what is there is ours
  replace,  // what is there is ours, of an earlier life, and nobody serves at it any more
  leave     // somebody else is there
};

/// Whether anybody serves at an address.
using IsServed = std::function<bool(const RpcRegistration&)>;

/// `present`: what rpcbind has for the key of the task; absent: nothing. `self`: who we are to it.
RpcMove move_for(const RpcTask& task, const RpcEntry* present, const std::string& self,
                 const IsServed& is_served);

}  // namespace superd
