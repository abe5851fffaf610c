// SPDX-License-Identifier: MIT
// One question about one socket.
#include "superd/os/unix_diag.hpp"

#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

namespace superd {
namespace {

constexpr timeval longest_answer{.tv_sec = 2, .tv_usec = 0};
// Room for as many as the longest backlog is likely to be; beyond that it isn't told.
constexpr std::size_t longest_message = 128 * 1024;

using Netlink = std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)>;

bool ask_who_waits(const Netlink& netlink, ino_t inode) {
  std::array<char, 256> request{};
  nlmsghdr* header = mnl_nlmsg_put_header(request.data());
  header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header->nlmsg_flags = NLM_F_REQUEST;
  auto* wanted =
      static_cast<unix_diag_req*>(mnl_nlmsg_put_extra_header(header, sizeof(unix_diag_req)));
  wanted->sdiag_family = AF_UNIX;
  wanted->udiag_ino = static_cast<std::uint32_t>(inode);
  wanted->udiag_show = UDIAG_SHOW_ICONS;
  wanted->udiag_cookie[0] = wanted->udiag_cookie[1] = static_cast<std::uint32_t>(-1);
  return mnl_socket_sendto(netlink.get(), header, header->nlmsg_len) >= 0;
}

int add_icons(const nlattr* attribute, void* into) {
  if (mnl_attr_get_type(attribute) != UNIX_DIAG_ICONS) return MNL_CB_OK;
  const auto* inodes = static_cast<const std::uint32_t*>(mnl_attr_get_payload(attribute));
  const std::size_t count = mnl_attr_get_payload_len(attribute) / sizeof *inodes;
  for (std::size_t i = 0; i < count; ++i)
    static_cast<std::set<std::string>*>(into)->insert(std::to_string(inodes[i]));
  return MNL_CB_OK;
}

int read_answer(const nlmsghdr* header, void* into) {
  mnl_attr_parse(header, sizeof(unix_diag_msg), add_icons, into);
  return MNL_CB_STOP;
}

}  // namespace

Result<std::set<std::string>> who_waits_at_unix(int listening) {
  struct stat found {};
  if (fstat(listening, &found) != 0) return system_error("fstat", errno);
  const Netlink netlink(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC), mnl_socket_close);
  if (!netlink) return system_error("netlink", errno);
  setsockopt(mnl_socket_get_fd(netlink.get()), SOL_SOCKET, SO_RCVTIMEO, &longest_answer,
             sizeof longest_answer);
  if (!ask_who_waits(netlink, found.st_ino)) return system_error("sock_diag", errno);
  std::vector<char> answer(longest_message);
  const ssize_t length = mnl_socket_recvfrom(netlink.get(), answer.data(), answer.size());
  std::set<std::string> waiting;
  if (length < 0 ||
      mnl_cb_run(answer.data(), static_cast<std::size_t>(length), 0, 0, read_answer, &waiting) < 0)
    return system_error("sock_diag", errno);
  return waiting;
}

}  // namespace superd
