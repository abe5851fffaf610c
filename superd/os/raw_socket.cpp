// SPDX-License-Identifier: MIT
// IPPROTO_RAW sends only: the kernel delivers nothing to it.
#include "superd/os/raw_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"

namespace superd {

Result<UniqueFd> open_raw_socket(bool v6) {
  UniqueFd low(socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!low) return system_error("raw socket", errno);
  return moved_high(std::move(low));
}

}  // namespace superd
