// SPDX-License-Identifier: MIT
// recvmsg(2), a header, sendmsg(2). All are taken before any is sent: where they come back to the
// same socket, this ends all the same.
#include "superd/resend/resend.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "superd/os/socket_address.hpp"
#include "superd/resend/packet.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_datagram = 65'536;

struct Taken {
  Endpoint sender;
  unsigned interface = 0;  // that it came in by; 0: not known
  std::string content;
};

unsigned interface_of(msghdr& message) {
  for (cmsghdr* note = CMSG_FIRSTHDR(&message); note; note = CMSG_NXTHDR(&message, note)) {
    if (note->cmsg_level == IPPROTO_IP && note->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(note), sizeof info);
      return static_cast<unsigned>(info.ipi_ifindex);
    }
    if (note->cmsg_level == IPPROTO_IPV6 && note->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(note), sizeof info);
      return info.ipi6_ifindex;
    }
  }
  return 0;
}

// Absent: none waits. An error that an earlier answer has brought is read and gone.
std::optional<Taken> take_one(int from) {
  Taken taken;
  taken.content.resize(longest_datagram);
  KernelAddress sender;
  alignas(cmsghdr) std::array<char, 512> notes;
  iovec content{taken.content.data(), taken.content.size()};
  msghdr message{};
  message.msg_name = sender.get();
  message.msg_namelen = sender.length;
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = notes.data();
  message.msg_controllen = notes.size();
  ssize_t length = -1;
  do length = recvmsg(from, &message, MSG_DONTWAIT);
  while (length < 0 && errno != EAGAIN);
  if (length < 0) return std::nullopt;
  sender.length = message.msg_namelen;
  taken.sender = to_endpoint(sender);
  taken.interface = interface_of(message);
  taken.content.resize(static_cast<std::size_t>(length));
  return taken;
}

class Note {
 public:
  Note(unsigned interface, bool v6, msghdr& message) {
    if (v6)
      write(IPPROTO_IPV6, IPV6_PKTINFO, in6_pktinfo{{}, interface}, message);
    else
      write(IPPROTO_IP, IP_PKTINFO, in_pktinfo{static_cast<int>(interface), {}, {}}, message);
  }

 private:
  template <class Info>
  void write(int level, int type, const Info& info, msghdr& message) {
    message.msg_control = room_.data();
    message.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* const note = CMSG_FIRSTHDR(&message);
    note->cmsg_level = level;
    note->cmsg_type = type;
    note->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(note), &info, sizeof info);
  }

  alignas(cmsghdr) std::array<char, 64> room_{};
};

// As from the interface that it came in by: who is bound to a device hears no other.
bool send_again(const Taken& taken, const Endpoint& destination, unsigned interface, int through) {
  const bool v6 = destination.address.v6;
  std::string packet = udp_packet(taken.sender, destination, taken.content);
  KernelAddress to = to_kernel(
      InetAddress{Transport::udp, v6 ? IpFamily::v6 : IpFamily::v4, destination.address, 0});
  iovec bytes{packet.data(), packet.size()};
  msghdr message{};
  message.msg_name = to.get();
  message.msg_namelen = to.length;
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  std::optional<Note> note;
  if (interface != 0) note.emplace(interface, v6, message);
  return sendmsg(through, &message, MSG_NOSIGNAL) >= 0;
}

}  // namespace

ResendAnswer resend(const ResendRequest& request, const ResendSockets& sockets) {
  std::vector<Taken> taken;
  if (auto first = take_one(sockets.from)) taken.push_back(std::move(*first));
  while (sockets.behind >= 0 && taken.size() < most_resent) {
    auto next = take_one(sockets.behind);
    if (!next) break;
    taken.push_back(std::move(*next));
  }
  ResendAnswer answer{request.id, 0, 0};
  for (const Taken& one : taken) {
    if (send_again(one, request.destination, one.interface, sockets.through) ||
        send_again(one, request.destination, 0, sockets.through))
      ++answer.count;
    else if (answer.error == 0)
      answer.error = errno;
  }
  return answer;
}

}  // namespace superd
