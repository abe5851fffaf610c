// SPDX-License-Identifier: MIT
// Addresses as the kernel takes and gives them.
#pragma once

#include <sys/socket.h>

#include "superd/core/address.hpp"

namespace superd {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// A dual-stack address without a host is IPv6's "any".
KernelAddress to_kernel(const BindAddress& address);
/// AF_INET or AF_INET6; IPv4-mapped addresses come back as IPv4.
Endpoint to_endpoint(const KernelAddress& address);
/// AF_VSOCK. VMADDR_CID_ANY is no cid.
VsockAddress to_vsock(const KernelAddress& address);

/// What socket(2) is asked for: AF_…, SOCK_… and IPPROTO_….
int family_of(const BindAddress& address);
int type_of(const BindAddress& address);
int protocol_of(const BindAddress& address);

}  // namespace superd
