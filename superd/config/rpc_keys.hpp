// SPDX-License-Identifier: MIT
// `rpc`: which program of ONC RPC a service is, so that rpcbind can be told where it is.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

/// As far as written.
struct WantedRpc {
  std::optional<std::uint32_t> program;  // absent: the one that is named like the service
  std::vector<std::uint32_t> versions;
  bool is_faulty = false;  // something about it was reported
};

std::span<const Key<WantedRpc>> rpc_keys();

void read_rpc(const Value& value, Draft& draft);
NodePtr write_rpc(const Draft& draft);

}  // namespace superd
