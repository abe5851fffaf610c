// SPDX-License-Identifier: MIT
// Messages are taken and not looked into: a try costs less than knowing.
#include "superd/os/address_watch.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "superd/os/descriptors.hpp"

namespace superd {

Result<UniqueFd> watch_addresses() {
  UniqueFd low(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!low) return system_error("socket", errno);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(low.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("bind", errno);
  return moved_high(std::move(low));
}

bool addresses_have_changed(int watch) {
  std::array<char, 8192> message;
  bool changed = false;
  // Who has more to tell than this is read again at once: it can still be read.
  for (int turn = 0; turn < 256; ++turn) {
    const ssize_t got = recv(watch, message.data(), message.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != ENOBUFS) break;
    changed = true;
  }
  return changed;
}

}  // namespace superd
