// SPDX-License-Identifier: MIT
// The keys of `listen` written as a mapping: an address and the options of its sockets.
#pragma once

#include <span>
#include <vector>

#include "superd/config/key.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct ListenDraft {
  bool has_address = false;
  std::vector<BindAddress> addresses;
  Place address_place;
  SocketOptions options;
};

std::span<const Key<ListenDraft>> listen_keys();

/// Whether an option is for sockets of that kind.
bool is_for(std::string_view key, const BindAddress& address);
/// The kinds it is for, in words: "TCP and MPTCP", "paths of UNIX sockets".
std::string kinds_of(std::string_view key);

}  // namespace superd
