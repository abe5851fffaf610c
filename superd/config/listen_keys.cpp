// SPDX-License-Identifier: MIT
// The table of socket options and their readers.
#include "superd/config/listen_keys.hpp"

#include <algorithm>
#include <limits>

#include "superd/base/text.hpp"
#include "superd/config/listen_address.hpp"

namespace superd {
namespace {

constexpr const char* group_form =
    "give groups by their addresses, such as 239.1.2.3 or ff02::1:3%eth0";
constexpr std::int64_t most_int = std::numeric_limits<int>::max();

void read_address(const Value& value, ListenDraft& listen) {
  listen.has_address = true;
  listen.address_place = value.node.place;
  listen.addresses = read_bind_addresses(value);
}

NodePtr write_address(const ListenDraft& listen) {
  return write_word(to_text(listen.addresses.front()));
}

void read_backlog(const Value& value, ListenDraft& listen) {
  assign(listen.options.backlog, read_number(value, 1, most_int));
}

NodePtr write_backlog(const ListenDraft& listen) {
  return write_if(listen.options.backlog, write_number);
}

void read_v6only(const Value& value, ListenDraft& listen) {
  assign(listen.options.v6only, read_yes_no(value));
}

NodePtr write_v6only(const ListenDraft& listen) {
  return write_if(listen.options.v6only, write_yes_no);
}

void read_device(const Value& value, ListenDraft& listen) {
  const auto name = read_word(value, "give the name of a network interface");
  if (name) listen.options.device = *name;
}

NodePtr write_device(const ListenDraft& listen) {
  return write_unless(std::string(), listen.options.device, write_word);
}

// As sd_listen_fds_with_names(3) wants it: a colon would part it from the next.
void read_socket_name(const Value& value, ListenDraft& listen) {
  const auto name = read_word(value, "give a name");
  if (!name) return;
  const bool is_fine =
      !name->empty() && name->size() <= 255 && name->find(':') == name->npos &&
      std::all_of(name->begin(), name->end(), [](char c) { return c > ' ' && c < 127; });
  if (!is_fine) return say_fault(value, "give at most 255 letters, digits and signs, and no colon");
  listen.options.name = *name;
}

NodePtr write_socket_name(const ListenDraft& listen) {
  return write_unless(std::string(), listen.options.name, write_word);
}

template <bool SocketOptions::*option>
void read_flag(const Value& value, ListenDraft& listen) {
  assign(listen.options.*option, read_yes_no(value));
}

template <bool SocketOptions::*option>
NodePtr write_flag(const ListenDraft& listen) {
  return write_unless(false, listen.options.*option, write_yes_no);
}

void read_defer_accept(const Value& value, ListenDraft& listen) {
  assign(listen.options.defer_accept, read_duration(value, Milliseconds(1)));
}

NodePtr write_defer_accept(const ListenDraft& listen) {
  return write_if(listen.options.defer_accept, write_duration);
}

void read_fast_open(const Value& value, ListenDraft& listen) {
  assign(listen.options.fast_open, read_number(value, 1, most_int));
}

NodePtr write_fast_open(const ListenDraft& listen) {
  return write_if(listen.options.fast_open, write_number);
}

// The kernel doubles what is asked for, so that half of what an int holds is the most.
template <std::optional<int> SocketOptions::*buffer>
void read_buffer(const Value& value, ListenDraft& listen) {
  assign(listen.options.*buffer, read_size(value, most_int / 2));
}

template <std::optional<int> SocketOptions::*buffer>
NodePtr write_buffer(const ListenDraft& listen) {
  return write_if(listen.options.*buffer,
                  [](int size) { return write_size(static_cast<std::uint64_t>(size)); });
}

void read_mark(const Value& value, ListenDraft& listen) {
  assign(listen.options.mark, read_number(value, 0, std::numeric_limits<std::uint32_t>::max()));
}

NodePtr write_mark(const ListenDraft& listen) {
  return write_if(listen.options.mark, write_number);
}

void read_tos(const Value& value, ListenDraft& listen) {
  assign(listen.options.tos, read_number(value, 0, 255));
}

NodePtr write_tos(const ListenDraft& listen) { return write_if(listen.options.tos, write_number); }

bool is_multicast(const IpAddress& address) {
  return address.v6 ? address.bytes[0] == 0xFF : (address.bytes[0] & 0xF0) == 0xE0;
}

// "239.1.2.3", "ff02::1:3%eth0".
std::optional<MulticastGroup> read_group(const Value& value) {
  const auto word = read_word(value, group_form);
  if (!word) return std::nullopt;
  const std::size_t percent = word->find('%');
  const auto address = parse_ip(word->substr(0, percent));
  MulticastGroup group;
  if (percent != word->npos) group.interface = word->substr(percent + 1);
  if (!address || (percent != word->npos && group.interface.empty())) {
    say_fault(value, group_form);
    return std::nullopt;
  }
  group.address = unmapped(*address);
  if (is_multicast(group.address)) return group;
  say_fault(value,
            "that is no multicast address; give one from 224.0.0.0 to 239.255.255.255 or "
            "one that begins with ff");
  return std::nullopt;
}

void read_multicast(const Value& value, ListenDraft& listen) {
  for (const Value& item : read_list(value, group_form)) {
    auto group = read_group(item);
    if (!group) continue;
    auto& all = listen.options.multicast;
    if (std::find(all.begin(), all.end(), *group) == all.end()) all.push_back(std::move(*group));
  }
}

NodePtr write_multicast(const ListenDraft& listen) {
  std::vector<NodePtr> items;
  for (const MulticastGroup& group : listen.options.multicast)
    items.push_back(write_word(to_text(group.address) +
                               (group.interface.empty() ? "" : "%" + group.interface)));
  return items.empty() ? nullptr : write_list(std::move(items));
}

void read_make_directory(const Value& value, ListenDraft& listen) {
  const bool is_number = !value.node.word.empty() && value.node.word.front() == '0';
  if (value.node.kind == Node::Kind::word && is_number)
    return assign(listen.options.make_directory, read_octal(value, 01777));
  const auto wanted = read_yes_no(value);
  if (wanted && *wanted) listen.options.make_directory = 0755;
}

NodePtr write_make_directory(const ListenDraft& listen) {
  return write_if(listen.options.make_directory, write_octal);
}

void read_owner(const Value& value, ListenDraft& listen) {
  const auto name = read_word(value, "give the name or number of a user");
  if (!name) return;
  const auto account = value.scope.host.user(*name);
  if (!account) return say_fault(value, "no such user; give one that exists");
  listen.options.owner = account->uid;
}

NodePtr write_owner(const ListenDraft& listen) {
  return write_if(listen.options.owner, write_number);
}

void read_socket_group(const Value& value, ListenDraft& listen) {
  const auto name = read_word(value, "give the name or number of a group");
  if (!name) return;
  listen.options.group = value.scope.host.group(*name);
  if (!listen.options.group) say_fault(value, "no such group; give one that exists");
}

NodePtr write_socket_group(const ListenDraft& listen) {
  return write_if(listen.options.group, write_number);
}

void read_mode(const Value& value, ListenDraft& listen) {
  assign(listen.options.mode, read_octal(value, 0777));
}

NodePtr write_mode(const ListenDraft& listen) { return write_if(listen.options.mode, write_octal); }

constexpr Key<ListenDraft> keys[] = {
    {"address", read_address, write_address, "ADDRESS", "", "what to bind"},
    {"backlog", read_backlog, write_backlog, "NUMBER", "the system's maximum",
     "connections that may wait to be accepted"},
    {"v6only", read_v6only, write_v6only, "yes or no", "yes where an IPv6 address is given",
     "whether an IPv6 socket leaves IPv4 to others"},
    {"name", read_socket_name, write_socket_name, "TEXT", "the service's name",
     "what a program that it is handed to calls it, in LISTEN_FDNAMES"},
    {"device", read_device, write_device, "INTERFACE", "",
     "only what comes in there, SO_BINDTODEVICE"},
    {"freebind", read_flag<&SocketOptions::freebind>, write_flag<&SocketOptions::freebind>,
     "yes or no", "no", "bind an address the machine does not have yet, IP_FREEBIND"},
    {"transparent", read_flag<&SocketOptions::transparent>, write_flag<&SocketOptions::transparent>,
     "yes or no", "no", "bind addresses of others for a proxy, IP_TRANSPARENT"},
    {"reuse_port", read_flag<&SocketOptions::reuse_port>, write_flag<&SocketOptions::reuse_port>,
     "yes or no", "no", "share the port with other sockets, SO_REUSEPORT"},
    {"nodelay", read_flag<&SocketOptions::nodelay>, write_flag<&SocketOptions::nodelay>,
     "yes or no", "no", "send small packets at once, TCP_NODELAY"},
    {"keepalive", read_flag<&SocketOptions::keepalive>, write_flag<&SocketOptions::keepalive>,
     "yes or no", "no", "notice clients that have vanished, SO_KEEPALIVE"},
    {"defer_accept", read_defer_accept, write_defer_accept, "DURATION", "",
     "wait so long for the client's first byte, TCP_DEFER_ACCEPT"},
    {"fast_open", read_fast_open, write_fast_open, "NUMBER", "",
     "queue length of TCP Fast Open, RFC 7413"},
    {"receive_buffer", read_buffer<&SocketOptions::receive_buffer>,
     write_buffer<&SocketOptions::receive_buffer>, "SIZE", "the system's", "SO_RCVBUF"},
    {"send_buffer", read_buffer<&SocketOptions::send_buffer>,
     write_buffer<&SocketOptions::send_buffer>, "SIZE", "the system's", "SO_SNDBUF"},
    {"mark", read_mark, write_mark, "NUMBER", "", "for packet filters and routing, SO_MARK"},
    {"tos", read_tos, write_tos, "0 to 255", "", "type of service of what is sent, IP_TOS"},
    {"multicast", read_multicast, write_multicast, "LIST", "",
     "groups to join, such as 239.1.2.3 or ff02::1:3%eth0"},
    {"retry", read_flag<&SocketOptions::retry>, write_flag<&SocketOptions::retry>, "yes or no",
     "no", "where it can't be bound now, go on without it and bind it as soon as it can be"},
    {"owner", read_owner, write_owner, "USER", "whoever runs superd",
     "who owns a UNIX socket's path"},
    {"group", read_socket_group, write_socket_group, "GROUP", "that of superd",
     "the group of a UNIX socket's path"},
    {"mode", read_mode, write_mode, "OCTAL", "0666", "who may connect to a UNIX socket's path"},
    {"make_directory", read_make_directory, write_make_directory, "yes, no or OCTAL", "no",
     "make the directory of a UNIX socket's path where it is missing, with mode 0755 or this one"},
};

// Which options are for whom; all others are for every kind.
enum Kinds : unsigned {
  tcp = 1,
  mptcp = 2,
  sctp = 4,
  udp = 8,
  path = 16,
  abstract = 32,
  vsock = 64
};
constexpr unsigned streams = tcp | mptcp;
constexpr unsigned inet = tcp | mptcp | sctp | udp;
constexpr unsigned local = path | abstract;

struct Use {
  std::string_view key;
  unsigned kinds;
  const char* text;
};
constexpr Use uses[] = {
    {"v6only", inet, "internet addresses"},
    {"device", inet, "internet addresses"},
    {"freebind", inet, "internet addresses"},
    {"transparent", tcp | mptcp | udp, "TCP, MPTCP and UDP"},
    {"reuse_port", inet, "internet addresses"},
    {"nodelay", streams, "TCP and MPTCP"},
    {"keepalive", streams, "TCP and MPTCP"},
    {"defer_accept", streams, "TCP and MPTCP"},
    {"fast_open", streams, "TCP and MPTCP"},
    {"receive_buffer", inet | local, "internet addresses and UNIX sockets"},
    {"send_buffer", inet | local, "internet addresses and UNIX sockets"},
    {"mark", inet, "internet addresses"},
    {"tos", inet, "internet addresses"},
    {"owner", path, "paths of UNIX sockets"},
    {"group", path, "paths of UNIX sockets"},
    {"mode", path, "paths of UNIX sockets"},
    {"make_directory", path, "paths of UNIX sockets"},
    {"multicast", udp, "UDP"},
};

const Use* use_of(std::string_view key) {
  const auto found = std::find_if(std::begin(uses), std::end(uses),
                                  [&](const Use& use) { return use.key == key; });
  return found == std::end(uses) ? nullptr : found;
}

unsigned kind_of(const BindAddress& address) {
  if (const auto* unix_end = std::get_if<UnixAddress>(&address))
    return unix_end->abstract ? abstract : path;
  const auto* end = std::get_if<InetAddress>(&address);
  if (end == nullptr) return vsock;
  constexpr unsigned kinds[] = {tcp, udp, mptcp, sctp};
  return kinds[static_cast<std::size_t>(end->transport)];
}

}  // namespace

std::span<const Key<ListenDraft>> listen_keys() { return keys; }

bool is_for(std::string_view key, const BindAddress& address) {
  if (key == "backlog") return !is_datagram(address);
  const Use* use = use_of(key);
  return use == nullptr || (use->kinds & kind_of(address)) != 0;
}

std::string kinds_of(std::string_view key) {
  const Use* use = use_of(key);
  return use == nullptr ? "sockets that accept connections" : use->text;
}

}  // namespace superd
