// SPDX-License-Identifier: MIT
// recvmsg(2) with no room for contents, and the notes that come beside.
#include "superd/os/datagram.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "superd/os/sent_descriptors.hpp"
#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

// What the kernel says of the first datagram.
struct Envelope {
  KernelAddress sender;
  std::optional<ucred> credentials;
  std::uint64_t arrival = 0;
  std::optional<IpAddress> local;  // that it was sent to, or answers to it come from
};

std::uint64_t nanoseconds(time_t seconds, long rest) {
  return static_cast<std::uint64_t>(seconds) * 1'000'000'000U + static_cast<std::uint64_t>(rest);
}

IpAddress read_v6(const in6_pktinfo& info) {
  IpAddress address;
  address.v6 = true;
  std::memcpy(address.bytes.data(), &info.ipi6_addr, address.bytes.size());
  if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) address.scope = info.ipi6_ifindex;
  return unmapped(address);
}

// ip(7): ipi_spec_dst is the address that answers go out with, even where the datagram went to a
// group; ipv6(7) has no such.
void read_destination(const cmsghdr& note, Envelope& envelope) {
  if (note.cmsg_level == IPPROTO_IP && note.cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&note), sizeof info);
    envelope.local = ipv4(ntohl(info.ipi_spec_dst.s_addr));
  }
  if (note.cmsg_level == IPPROTO_IPV6 && note.cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&note), sizeof info);
    if (!IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) envelope.local = read_v6(info);
  }
}

void read_note(const cmsghdr& note, Envelope& envelope) {
  read_destination(note, envelope);
  if (note.cmsg_level != SOL_SOCKET) return;
  descriptors_in(note);  // a look brings copies of what a stranger has sent along
  if (note.cmsg_type == SCM_CREDENTIALS)
    std::memcpy(&envelope.credentials.emplace(), CMSG_DATA(&note), sizeof(ucred));
  if (note.cmsg_type == SCM_TIMESTAMPNS) {
    timespec time{};
    std::memcpy(&time, CMSG_DATA(&note), sizeof time);
    envelope.arrival = nanoseconds(time.tv_sec, time.tv_nsec);
  }
  if (note.cmsg_type == SCM_TIMESTAMP) {
    timeval time{};
    std::memcpy(&time, CMSG_DATA(&note), sizeof time);
    envelope.arrival = nanoseconds(time.tv_sec, time.tv_usec * 1000);
  }
}

bool has(int socket, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && value != 0;
}

void set(int socket, int option, bool on) {
  const int value = on ? 1 : 0;
  setsockopt(socket, SOL_SOCKET, option, &value, sizeof value);
}

Result<Envelope> look_at_first(int socket) {
  Envelope envelope;
  alignas(cmsghdr) std::array<char, 512> notes;
  msghdr message{};
  message.msg_name = envelope.sender.get();
  message.msg_namelen = envelope.sender.length;
  message.msg_control = notes.data();
  message.msg_controllen = notes.size();
  if (recvmsg(socket, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
    return Error{{}, errno};
  envelope.sender.length = message.msg_namelen;
  for (cmsghdr* note = CMSG_FIRSTHDR(&message); note; note = CMSG_NXTHDR(&message, note))
    read_note(*note, envelope);
  return envelope;
}

// Where the socket takes several addresses, which one it was is for the program to ask.
Peer inet_sender(const Envelope& envelope, const InetAddress& bound) {
  const Endpoint sender = to_endpoint(envelope.sender);
  IpAddress any;
  any.v6 = sender.address.v6;
  const IpAddress local = bound.host ? unmapped(*bound.host) : any;
  return InetPeer{bound.transport, sender, {envelope.local.value_or(local), bound.port}};
}

std::optional<std::string> path_of(const KernelAddress& sender) {
  const std::size_t begin = offsetof(sockaddr_un, sun_path);
  if (sender.length <= begin) return std::nullopt;
  const auto* address = reinterpret_cast<const sockaddr_un*>(sender.get());
  std::string path(address->sun_path, sender.length - begin);
  if (path.front() == '\0') return "@" + path.substr(1);
  return path.substr(0, path.find('\0'));
}

Peer unix_sender(const Envelope& envelope, const UnixAddress& bound) {
  const ucred unknown{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  const ucred who = envelope.credentials.value_or(unknown);
  return UnixPeer{who.uid, who.gid, who.pid, bound, path_of(envelope.sender)};
}

// A socket of IPv6 tells mapped addresses of what came by IPv4.
void ask_for_destinations(int socket, int value) {
  setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &value, sizeof value);
  setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &value, sizeof value);
}

}  // namespace

Result<Peer> first_sender(int socket, const BindAddress& bound) {
  const auto envelope = look_at_first(socket);
  if (!envelope) return envelope.error();
  if (const auto* inet = std::get_if<InetAddress>(&bound)) return inet_sender(*envelope, *inet);
  return unix_sender(*envelope, std::get<UnixAddress>(bound));
}

void note_destinations(int socket) { ask_for_destinations(socket, 1); }

void forget_destinations(int socket) { ask_for_destinations(socket, 0); }

std::optional<std::optional<WallTime>> last_read(int socket) {
  if (has(socket, SO_TIMESTAMP) || has(socket, SO_TIMESTAMPNS)) return std::nullopt;
  timespec time{};
  if (ioctl(socket, SIOCGSTAMPNS, &time) != 0) return std::optional<WallTime>();
  const auto since = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  return WallTime(std::chrono::duration_cast<WallTime::duration>(since));
}

bool drop_first(int socket) {
  return recv(socket, nullptr, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno != EAGAIN;
}

// A datagram that came before anybody asked gets its time at the first look.
std::uint64_t arrival_of_first(int socket) {
  const bool is_asked = has(socket, SO_TIMESTAMPNS) || has(socket, SO_TIMESTAMP);
  if (!is_asked) set(socket, SO_TIMESTAMPNS, true);
  const auto envelope = look_at_first(socket);
  if (!is_asked) set(socket, SO_TIMESTAMPNS, false);
  return envelope ? envelope->arrival : 0;
}

}  // namespace superd
