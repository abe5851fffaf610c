// SPDX-License-Identifier: MIT
// connect(2): on a UNIX socket it is done at once, or not at all.
#include "superd/os/rpcbind_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "superd/os/descriptors.hpp"

namespace superd {

Result<UniqueFd> connect_to_rpcbind() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return system_error("socket", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, rpcbind_path);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error(rpcbind_path, errno);
  let_wait(socket.get(), true);
  return socket;
}

}  // namespace superd
