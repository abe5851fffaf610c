// SPDX-License-Identifier: MIT
// A conversation with rpcbind, by libtirpc: blocks, within a deadline for each question. Who asks
// is whoever opened the connection (unix(7), SO_PEERCRED), not who this process is.
#pragma once

#include <memory>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/core/rpc_move.hpp"

namespace superd {

class Rpcbind {
 public:
  /// `connection`: a stream socket that is connected to rpcbind; it stays the caller's.
  static Result<Rpcbind> on(int connection);

  /// All that it has. Error of each: it gave no answer, or not in time.
  Result<std::vector<RpcEntry>> table();
  /// False: it refused.
  Result<bool> set(const RpcRegistration& registration);
  Result<bool> unset(const RpcKey& key);

 private:
  struct Client;
  explicit Rpcbind(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  std::shared_ptr<Client> client_;
};

}  // namespace superd
