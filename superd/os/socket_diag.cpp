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
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "superd/os/socket_address.hpp"

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

// MPTCP's sockets are among those of TCP.
std::uint8_t diag_protocol(Transport transport) {
  const auto asked = transport == Transport::mptcp ? Transport::tcp : transport;
  return static_cast<std::uint8_t>(protocol_of(InetAddress{asked}));
}

// A UDP socket that takes from everybody is "closed".
std::uint32_t states_for(Transport transport) {
  return transport == Transport::udp ? 1U << TCP_CLOSE : 1U << TCP_LISTEN;
}

// What is asked, and what becomes of each answer.
struct Question {
  Transport transport;
  std::uint16_t port;
  std::uint32_t states;
  mnl_cb_t take;
  void* into;
};

bool ask(const Netlink& netlink, std::uint8_t family, const Question& question) {
  std::array<char, 256> request{};
  nlmsghdr* header = mnl_nlmsg_put_header(request.data());
  header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* wanted =
      static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
  wanted->sdiag_family = family;
  wanted->sdiag_protocol = diag_protocol(question.transport);
  wanted->idiag_states = question.states;
  wanted->id.idiag_sport = htons(question.port);
  return mnl_socket_sendto(netlink.get(), header, header->nlmsg_len) >= 0;
}

int add_inode(const nlmsghdr* header, void* inodes) {
  const auto* found = static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(header));
  static_cast<std::set<std::uint64_t>*>(inodes)->insert(found->idiag_inode);
  return MNL_CB_OK;
}

bool take_answers(const Netlink& netlink, const Question& question) {
  std::array<char, 32768> answer{};
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(netlink.get(), answer.data(), answer.size());
    if (length < 0) return false;
    const int more = mnl_cb_run(answer.data(), static_cast<std::size_t>(length), 0, 0,
                                question.take, question.into);
    if (more <= 0) return more == 0;
  }
}

Result<void> ask_both_families(const Question& question) {
  const Netlink netlink = open_netlink();
  if (!netlink) return system_error("netlink", errno);
  for (const auto family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}})
    if (!ask(netlink, family, question) || !take_answers(netlink, question))
      return system_error("sock_diag", errno);
  return {};
}

IpAddress to_address(std::uint8_t family, const std::uint32_t (&words)[4]) {
  IpAddress address;
  address.v6 = family == AF_INET6;
  std::memcpy(address.bytes.data(), words, address.v6 ? 16 : 4);
  return unmapped(address);
}

struct Count {
  const InetAddress& at;
  Connections found = {};
};

bool is_of(const InetAddress& at, const inet_diag_msg& one) {
  const auto family = one.idiag_family == AF_INET6 ? IpFamily::v6 : IpFamily::v4;
  if (at.host) {
    IpAddress host = unmapped(*at.host);
    host.scope = 0;  // which the answer tells elsewhere
    return to_address(one.idiag_family, one.id.idiag_src) == host;
  }
  return at.family == IpFamily::dual || at.family == family;
}

// One without an inode has no descriptor: nobody has accepted it yet, or whoever did has closed it.
int count_connection(const nlmsghdr* header, void* into) {
  const auto* one = static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(header));
  auto& count = *static_cast<Count*>(into);
  const bool is_open = one->idiag_state == TCP_ESTABLISHED || one->idiag_state == TCP_CLOSE_WAIT;
  if (!is_of(count.at, *one) || (one->idiag_inode == 0 && !is_open)) return MNL_CB_OK;
  if (one->idiag_inode != 0) {
    ++count.found.accepted;
    return MNL_CB_OK;
  }
  ++count.found.waiting;
  const auto remote = to_address(one->idiag_family, one->id.idiag_dst);
  count.found.who_waits.insert(to_text(Endpoint{remote, ntohs(one->id.idiag_dport)}));
  return MNL_CB_OK;
}

constexpr std::uint32_t connected = (1U << TCP_ESTABLISHED) | (1U << TCP_CLOSE_WAIT) |
                                    (1U << TCP_FIN_WAIT1) | (1U << TCP_FIN_WAIT2) |
                                    (1U << TCP_CLOSING) | (1U << TCP_LAST_ACK);

// A connection that the client has closed is one still, as long as it isn't accepted and closed.
Result<Connections> connections_at(const InetAddress& inet) {
  if (inet.transport != Transport::tcp)
    return system_error("of this transport no connections are seen", EOPNOTSUPP);
  Count count{inet};
  const Question question{inet.transport, inet.port, connected, count_connection, &count};
  if (auto asked = ask_both_families(question); !asked) return asked.error();
  return std::move(count.found);
}

// Each line of /proc/net/unix: number, references, protocol, flags, type, state, inode, path. State
// 03 is connected, 02 waits to be accepted.
Result<Connections> connections_at(const UnixAddress& local) {
  const std::string path = (local.abstract ? "@" : "") + local.path;
  Connections found;
  std::ifstream lines("/proc/net/unix");
  if (!lines) return system_error("/proc/net/unix", errno);
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(" " + path)) continue;
    std::istringstream words(line);
    std::string number, references, protocol, flags, type, state;
    words >> number >> references >> protocol >> flags >> type >> state;
    if (state == "03") ++found.accepted;
    if (state == "02") ++found.waiting;
  }
  return found;
}

Result<Connections> connections_at(const VsockAddress&) {
  return system_error("vsock has no sock_diag here", EOPNOTSUPP);
}

}  // namespace

Result<std::set<std::uint64_t>> listening_sockets(Transport transport, std::uint16_t port) {
  std::set<std::uint64_t> inodes;
  const Question question{transport, port, states_for(transport), add_inode, &inodes};
  if (auto asked = ask_both_families(question); !asked) return asked.error();
  return inodes;
}

Result<Connections> connections_at(const BindAddress& address) {
  return std::visit([](const auto& one) { return connections_at(one); }, address);
}

}  // namespace superd
