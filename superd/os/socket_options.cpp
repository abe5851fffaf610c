// SPDX-License-Identifier: MIT
// A table of options, and the few that are none of setsockopt(2)'s numbers.
#include "superd/os/socket_options.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

struct Option {
  const char* name;
  int level;
  int option;
  std::optional<int> value;     // absent: leave it
  std::optional<int> standard;  // what it is where nothing is set; absent: the system knows
};

std::optional<int> if_set(bool on) { return on ? std::optional(1) : std::nullopt; }

std::optional<int> whole_seconds(std::optional<Milliseconds> duration) {
  if (!duration) return std::nullopt;
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(*duration).count());
}

// IPv6 sockets say whether they take IPv4 too: the table's words, never the system's default.
std::optional<int> v6only(const InetAddress& inet, const SocketOptions& options) {
  if (family_of(inet) != AF_INET6) return std::nullopt;
  if (options.v6only) return *options.v6only ? 1 : 0;
  return inet.host || inet.family == IpFamily::v6 ? 1 : 0;
}

std::vector<Option> socket_options(const BindAddress& address, const SocketOptions& o) {
  std::vector<Option> all{
      {"receive_buffer", SOL_SOCKET, SO_RCVBUF, o.receive_buffer, {}},
      {"send_buffer", SOL_SOCKET, SO_SNDBUF, o.send_buffer, {}},
  };
  const auto* inet = std::get_if<InetAddress>(&address);
  if (!inet) return all;
  const bool is_v6 = family_of(address) == AF_INET6;
  const int ip = is_v6 ? SOL_IPV6 : SOL_IP;
  const auto mark = o.mark ? std::optional(static_cast<int>(*o.mark)) : std::nullopt;
  const std::optional<int> traffic_class = is_v6 ? o.tos : std::nullopt;
  // For UDP it would let anybody take the port from under superd, socket(7).
  const auto reuse_address = inet->transport == Transport::udp ? std::nullopt : std::optional(1);
  const Option of_inet[] = {
      {"reuse_address", SOL_SOCKET, SO_REUSEADDR, reuse_address, reuse_address},
      {"reuse_port", SOL_SOCKET, SO_REUSEPORT, if_set(o.reuse_port), 0},
      {"keepalive", SOL_SOCKET, SO_KEEPALIVE, if_set(o.keepalive), 0},
      {"mark", SOL_SOCKET, SO_MARK, mark, 0},
      {"v6only", SOL_IPV6, IPV6_V6ONLY, v6only(*inet, o), {}},
      {"freebind", ip, is_v6 ? IPV6_FREEBIND : IP_FREEBIND, if_set(o.freebind), 0},
      {"transparent", ip, is_v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, if_set(o.transparent), 0},
      {"tos", SOL_IP, IP_TOS, o.tos, 0},
      {"tos", SOL_IPV6, IPV6_TCLASS, traffic_class, 0},
      {"nodelay", SOL_TCP, TCP_NODELAY, if_set(o.nodelay), 0},
      {"defer_accept", SOL_TCP, TCP_DEFER_ACCEPT, whole_seconds(o.defer_accept), 0},
      {"fast_open", SOL_TCP, TCP_FASTOPEN, o.fast_open, 0},
  };
  all.insert(all.end(), std::begin(of_inet), std::end(of_inet));
  return all;
}

bool set(int socket, const Option& o, int value) {
  return setsockopt(socket, o.level, o.option, &value, sizeof value) == 0;
}

bool has_group(const SocketOptions& options, const MulticastGroup& group) {
  const auto& all = options.multicast;
  return std::find(all.begin(), all.end(), group) != all.end();
}

bool set_device(int socket, const std::string& device) {
  const auto length = static_cast<socklen_t>(device.size());
  return setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(), length) == 0;
}

// 0, or errno. To be a member twice, or not to be one any more, is no fault.
int change_group(int socket, int change, const MulticastGroup& group, const std::string& device) {
  const std::string& interface = group.interface.empty() ? device : group.interface;
  group_req request{};
  if (!interface.empty()) {
    request.gr_interface = if_nametoindex(interface.c_str());
    if (request.gr_interface == 0) return ENODEV;
  }
  const IpFamily family = group.address.v6 ? IpFamily::v6 : IpFamily::v4;
  const KernelAddress address = to_kernel(InetAddress{Transport::udp, family, group.address, 0});
  std::memcpy(&request.gr_group, &address.storage, address.length);
  const int level = group.address.v6 ? SOL_IPV6 : SOL_IP;
  if (setsockopt(socket, level, change, &request, sizeof request) == 0) return 0;
  const bool is_so = change == MCAST_JOIN_GROUP ? errno == EADDRINUSE : errno == EADDRNOTAVAIL;
  return is_so ? 0 : errno;
}

bool change_groups(int socket, const SocketOptions& from, const SocketOptions& to) {
  const bool moved = from.device != to.device;
  bool changed = true;
  for (const MulticastGroup& group : from.multicast)
    if (moved || !has_group(to, group)) change_group(socket, MCAST_LEAVE_GROUP, group, from.device);
  for (const MulticastGroup& group : to.multicast)
    if (moved || !has_group(from, group))
      changed &= change_group(socket, MCAST_JOIN_GROUP, group, to.device) == 0;
  return changed;
}

// The path's: whoever is connected already stays.
bool change_path(const Listen& from, const Listen& to) {
  const auto* local = std::get_if<UnixAddress>(&to.address);
  if (!local || local->abstract) return true;
  const SocketOptions& was = from.options;
  const SocketOptions& is = to.options;
  const char* path = local->path.c_str();
  bool changed = true;
  if (was.owner != is.owner || was.group != is.group)
    changed = lchown(path, is.owner.value_or(geteuid()), is.group.value_or(getegid())) == 0;
  if (was.mode != is.mode)
    changed &= fchmodat(AT_FDCWD, path, is.mode.value_or(0666), AT_SYMLINK_NOFOLLOW) == 0;
  return changed;
}

}  // namespace

Result<void> set_options(int socket, const Listen& listen) {
  for (const Option& o : socket_options(listen.address, listen.options))
    if (o.value && !set(socket, o, *o.value))
      return system_error(std::string("option '") + o.name + "'", errno);
  const std::string& device = listen.options->device;
  if (!device.empty() && !set_device(socket, device)) return system_error("option 'device'", errno);
  for (const MulticastGroup& group : listen.options->multicast)
    if (const int fault = change_group(socket, MCAST_JOIN_GROUP, group, device))
      return system_error("option 'multicast': " + to_text(group.address), fault);
  return {};
}

Result<void> change_options(int socket, const Listen& from, const Listen& to) {
  std::string unchanged;
  const auto stays = [&](const std::string& name) {
    unchanged += (unchanged.empty() ? "'" : ", '") + name + "'";
  };
  const auto before = socket_options(from.address, from.options);
  const auto after = socket_options(to.address, to.options);
  for (std::size_t i = 0; i < after.size() && i < before.size(); ++i) {
    if (after[i].value == before[i].value) continue;
    const auto value = after[i].value ? after[i].value : after[i].standard;
    if (!value || !set(socket, after[i], *value)) stays(after[i].name);
  }
  if (from.options->device != to.options->device && !set_device(socket, to.options->device))
    stays("device");
  if (from.options->backlog != to.options->backlog && !is_datagram(to.address) &&
      listen(socket, to.options->backlog.value_or(longest_backlog)) != 0)
    stays("backlog");
  if (!change_groups(socket, from.options, to.options)) stays("multicast");
  if (!change_path(from, to)) stays("owner, group and mode");
  if (unchanged.empty()) return {};
  return Error{unchanged, 0};
}

void share_port(int socket, bool shared) {
  const int value = shared ? 1 : 0;
  setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

// Drops what has SYN and no ACK among the flags of its TCP header, where the filter begins to read.
void answer_newcomers(int listener, bool answer) {
  int protocol = 0;
  socklen_t length = sizeof protocol;
  if (getsockopt(listener, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0 ||
      protocol != IPPROTO_TCP)
    return;
  sock_filter only_begun[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{std::size(only_begun), only_begun};
  const int none = 0;
  if (answer)
    setsockopt(listener, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
  else
    setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

}  // namespace superd
