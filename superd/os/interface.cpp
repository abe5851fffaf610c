// SPDX-License-Identifier: MIT
// SO_BINDTOIFINDEX, socket(7).
#include "superd/os/interface.hpp"

#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace superd {

std::uint32_t interface_index(const std::string& name) { return if_nametoindex(name.c_str()); }

std::string interface_name(std::uint32_t index) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(index, name.data()) ? name.data() : "";
}

std::uint32_t bound_interface(int socket) {
  int index = 0;
  socklen_t size = sizeof index;
  if (getsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &size) != 0) return 0;
  return static_cast<std::uint32_t>(index);
}

Result<void> bind_to_interface(int socket, std::uint32_t index) {
  const int number = static_cast<int>(index);
  if (setsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &number, sizeof number) != 0)
    return system_error("option 'device'", errno);
  return {};
}

}  // namespace superd
