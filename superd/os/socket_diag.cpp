// SPDX-License-Identifier: MIT
// A question per family over netlink, and its answers.
#include "superd/os/socket_diag.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <memory>

namespace superd {
namespace {

constexpr timeval longest_answer{.tv_sec = 2, .tv_usec = 0};

using Netlink = std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)>;

Netlink open_netlink() {
  Netlink netlink(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC), mnl_socket_close);
  if (!netlink) return netlink;
  setsockopt(mnl_socket_get_fd(netlink.get()), SOL_SOCKET, SO_RCVTIMEO, &longest_answer,
             sizeof longest_answer);
  return netlink;
}

std::uint8_t protocol_for(Transport transport) {
  constexpr std::uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP};
  return protocols[static_cast<std::size_t>(transport)];
}

// A UDP socket that takes from everybody is "closed".
std::uint32_t states_for(Transport transport) {
  return transport == Transport::udp ? 1U << TCP_CLOSE : 1U << TCP_LISTEN;
}

bool ask_for_listening(const Netlink& netlink, std::uint8_t family, Transport transport,
                       std::uint16_t port) {
  std::array<char, 256> request{};
  nlmsghdr* header = mnl_nlmsg_put_header(request.data());
  header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* wanted =
      static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
  wanted->sdiag_family = family;
  wanted->sdiag_protocol = protocol_for(transport);
  wanted->idiag_states = states_for(transport);
  wanted->id.idiag_sport = htons(port);
  return mnl_socket_sendto(netlink.get(), header, header->nlmsg_len) >= 0;
}

int add_inode(const nlmsghdr* header, void* inodes) {
  const auto* found = static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(header));
  static_cast<std::set<std::uint64_t>*>(inodes)->insert(found->idiag_inode);
  return MNL_CB_OK;
}

bool take_answers(const Netlink& netlink, std::set<std::uint64_t>& inodes) {
  std::array<char, 32768> answer{};
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(netlink.get(), answer.data(), answer.size());
    if (length < 0) return false;
    const int more =
        mnl_cb_run(answer.data(), static_cast<std::size_t>(length), 0, 0, add_inode, &inodes);
    if (more <= 0) return more == 0;
  }
}

}  // namespace

Result<std::set<std::uint64_t>> listening_sockets(Transport transport, std::uint16_t port) {
  const Netlink netlink = open_netlink();
  if (!netlink) return system_error("netlink", errno);
  std::set<std::uint64_t> inodes;
  for (const auto family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}})
    if (!ask_for_listening(netlink, family, transport, port) || !take_answers(netlink, inodes))
      return system_error("sock_diag", errno);
  return inodes;
}

}  // namespace superd
