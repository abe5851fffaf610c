// SPDX-License-Identifier: MIT
// From words to addresses: family, host, port; names are asked of the host.
#include "superd/config/listen_address.hpp"

#include <algorithm>
#include <array>

#include "superd/base/text.hpp"

namespace superd {
namespace {

using Addresses = std::vector<BindAddress>;

// What stands before the first colon, and who reads what follows.
struct Family {
  std::string_view name;
  Addresses (*read)(const Value& value, std::string_view rest);
};

// The words of an internet address: host (absent: none written; "*" too), and port.
struct HostPort {
  std::optional<std::string> host;
  std::string port;
};

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// In messages, and in services(5).
std::string protocol_name(Transport transport) {
  if (transport == Transport::udp) return "UDP";
  return transport == Transport::sctp ? "SCTP" : "TCP";
}

// `::1:79` could be an address or an address and a port. Nothing is guessed, but a spelling is
// offered.
std::string bracket_remedy(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  const std::string_view host = word.substr(0, colon);
  const std::string_view port = word.substr(colon + 1);
  const bool has_port = parse_ip(host).has_value() && is_digits(port);
  const std::string example =
      has_port ? "[" + std::string(host) + "]:" + std::string(port) : "[::1]:79";
  return "put an IPv6 address in brackets and quotes: \"" + example + "\"";
}

std::optional<HostPort> split_brackets(const Value& value, std::string_view word) {
  const std::size_t close = word.find(']');
  if (close == word.npos || !word.substr(close + 1).starts_with(':')) {
    say_fault(value, "give an address in brackets, ':' and a port: \"[::1]:79\"");
    return std::nullopt;
  }
  return HostPort{std::string(word.substr(1, close - 1)), std::string(word.substr(close + 2))};
}

std::optional<HostPort> split_host(const Value& value, std::string_view word) {
  if (word.starts_with('[')) return split_brackets(value, word);
  const std::size_t colon = word.find(':');
  if (colon == word.npos) return HostPort{std::nullopt, std::string(word)};
  if (word.find(':', colon + 1) != word.npos) {
    say_fault(value, bracket_remedy(word));
    return std::nullopt;
  }
  const std::string_view host = word.substr(0, colon);
  const std::string_view port = word.substr(colon + 1);
  if (host.empty() || port.empty()) {
    say_fault(value, "give ADDRESS:PORT, or a port alone for every address");
    return std::nullopt;
  }
  if (host == "*") return HostPort{std::nullopt, std::string(port)};
  return HostPort{std::string(host), std::string(port)};
}

std::optional<std::uint16_t> read_port(const Value& value, const std::string& port,
                                       Transport transport) {
  if (is_digits(port)) {
    if (const auto number = parse_number(port, 0, 65535))
      return static_cast<std::uint16_t>(*number);
    say_fault(value, "port " + quote(port) + " is over 65535; give one from 0 to 65535");
    return std::nullopt;
  }
  if (parse_ip(port)) {
    say_fault(value, "add ':' and a port");
    return std::nullopt;
  }
  if (const auto known = value.scope.host.service_port(port, transport)) return known;
  const std::string protocol = protocol_name(transport);
  say_fault(value, "no " + protocol + " service is called " + quote(port) +
                       " here; give the port's number");
  return std::nullopt;
}

// Every address of a family is written as no host, 0.0.0.0 or [::].
InetAddress bound(Transport transport, const IpAddress& address, std::uint16_t port) {
  const IpAddress host = unmapped(address);
  const IpFamily family = host.v6 ? IpFamily::v6 : IpFamily::v4;
  const bool is_any = host.bytes == IpAddress{}.bytes;
  return {transport, family, is_any ? std::nullopt : std::optional(host), port};
}

std::optional<std::string_view> nearest_family(std::string_view word);

// A family that is misspelt looks like a host.
std::string or_family(const std::string& host) {
  const auto meant = nearest_family(host);
  return meant ? ", or did you mean '" + std::string(*meant) + ":'?" : "";
}

// The number that an interface has now is what the resolver makes of "fe80::1%eth0", too.
std::vector<IpAddress> read_scoped(const Value& value, const std::string& host,
                                   std::size_t percent) {
  const auto address = parse_ip(host.substr(0, percent));
  const auto addresses =
      address ? value.scope.host.resolve(host) : Result<std::vector<IpAddress>>(Error{});
  if (addresses && !addresses->empty() && addresses->front().scope != 0)
    return {addresses->front()};
  say_fault(value, "there is no interface " + quote(host.substr(percent + 1)) +
                       " for such an address; give a link-local one, and after '%' an interface "
                       "that 'ip link' shows");
  return {};
}

std::vector<IpAddress> read_hosts(const Value& value, const std::string& host) {
  if (const auto numeric = parse_ip(host)) return {*numeric};
  if (const std::size_t percent = host.find('%'); percent != host.npos)
    return read_scoped(value, host, percent);
  if (host.find_first_not_of("0123456789.") == host.npos || host.find(':') != host.npos) {
    say_fault(value, quote(host) + " is no address; give one like 127.0.0.1 or ::1");
    return {};
  }
  const auto addresses = value.scope.host.resolve(host);
  if (addresses) return *addresses;
  say_fault(value, "the host " + quote(host) + " can't be looked up (" + addresses.error().text +
                       "); give its address" + or_family(host));
  return {};
}

Addresses read_inet(const Value& value, std::string_view word, Transport transport,
                    IpFamily family) {
  const auto parts = split_host(value, word);
  if (!parts) return {};
  const auto port = read_port(value, parts->port, transport);
  if (!port) return {};
  if (!parts->host) return {InetAddress{transport, family, std::nullopt, *port}};
  const std::vector<IpAddress> hosts = read_hosts(value, *parts->host);
  Addresses addresses;
  for (const IpAddress& host : hosts) {
    const InetAddress address = bound(transport, host, *port);
    const bool fits = family == IpFamily::dual || family == address.family;
    const bool is_new =
        std::find(addresses.begin(), addresses.end(), BindAddress(address)) == addresses.end();
    if (fits && is_new) addresses.emplace_back(address);
  }
  if (addresses.empty() && !hosts.empty()) {
    const std::string wanted = family == IpFamily::v4 ? "IPv4" : "IPv6";
    say_fault(value, quote(*parts->host) + " has no " + wanted + " address; write " +
                         std::string(name_of(transport)) + ": or another host");
  }
  return addresses;
}

template <Transport transport, IpFamily family>
Addresses read_inet(const Value& value, std::string_view word) {
  return read_inet(value, word, transport, family);
}

template <UnixKind kind>
Addresses read_unix(const Value& value, std::string_view word) {
  UnixAddress address;
  address.kind = kind;
  const std::string name(name_of(kind));
  address.abstract = word.starts_with('@');
  if (address.abstract) word.remove_prefix(1);
  if (word.empty()) {
    say_fault(value, "give a path, or '@' and a name: " + name + ":/run/x.sock, " + name + ":@x");
    return {};
  }
  address.path =
      address.abstract ? std::string(word) : absolute_path(value.scope, std::string(word));
  // An abstract name has a NUL before it instead of one after it.
  if (address.path.size() <= longest_unix_path) return {address};
  say_fault(value, "the path of a UNIX socket has at most " + std::to_string(longest_unix_path) +
                       " bytes, and this one has " + std::to_string(address.path.size()) +
                       "; give a shorter one");
  return {};
}

// The two highest numbers stand for "any", vsock(7).
constexpr std::uint32_t highest_vsock_number = 0xFFFFFFFE;

Addresses read_vsock(const Value& value, std::string_view word) {
  const std::size_t colon = word.find(':');
  const bool has_cid = colon != word.npos;
  const auto cid = parse_number(has_cid ? word.substr(0, colon) : "0", 0, highest_vsock_number);
  const auto port = parse_number(has_cid ? word.substr(colon + 1) : word, 0, highest_vsock_number);
  if (!port || !cid) {
    say_fault(value,
              "give a port's number, or that of a machine, ':' and a port: vsock:1024, "
              "vsock:2:1024");
    return {};
  }
  VsockAddress address{std::nullopt, static_cast<std::uint32_t>(*port)};
  if (has_cid) address.cid = static_cast<std::uint32_t>(*cid);
  return {address};
}

constexpr Family families[] = {
    {"tcp", read_inet<Transport::tcp, IpFamily::dual>},
    {"tcp4", read_inet<Transport::tcp, IpFamily::v4>},
    {"tcp6", read_inet<Transport::tcp, IpFamily::v6>},
    {"udp", read_inet<Transport::udp, IpFamily::dual>},
    {"udp4", read_inet<Transport::udp, IpFamily::v4>},
    {"udp6", read_inet<Transport::udp, IpFamily::v6>},
    {"mptcp", read_inet<Transport::mptcp, IpFamily::dual>},
    {"mptcp4", read_inet<Transport::mptcp, IpFamily::v4>},
    {"mptcp6", read_inet<Transport::mptcp, IpFamily::v6>},
    {"sctp", read_inet<Transport::sctp, IpFamily::dual>},
    {"sctp4", read_inet<Transport::sctp, IpFamily::v4>},
    {"sctp6", read_inet<Transport::sctp, IpFamily::v6>},
    {"unix", read_unix<UnixKind::stream>},
    {"unix-dgram", read_unix<UnixKind::datagram>},
    {"unix-seqpacket", read_unix<UnixKind::seqpacket>},
    {"vsock", read_vsock},
};

const Family* find_family(std::string_view name) {
  const auto found = std::find_if(std::begin(families), std::end(families),
                                  [&](const Family& family) { return family.name == name; });
  return found == std::end(families) ? nullptr : found;
}

std::optional<std::string_view> nearest_family(std::string_view word) {
  std::array<std::string_view, std::size(families)> names;
  std::transform(std::begin(families), std::end(families), names.begin(),
                 [](const Family& family) { return family.name; });
  return nearest(word, names);
}

// What follows says that the first word can't be a host: a path, an abstract name, one more colon.
bool wants_family(std::string_view prefix, std::string_view rest) {
  const bool is_path = rest.starts_with('/') || rest.starts_with('@');
  return is_path || (rest.find(':') != rest.npos && nearest_family(prefix));
}

void say_no_family(const Value& value, std::string_view prefix) {
  const auto meant = nearest_family(prefix);
  say_fault(value, quote(prefix) + " is no family of addresses; " +
                       (meant ? "did you mean '" + std::string(*meant) + ":'?"
                              : "give one such as tcp:, udp: or unix:"));
}

}  // namespace

std::vector<BindAddress> read_bind_addresses(const Value& value) {
  const auto word =
      read_word(value, "give an address such as 79, 127.0.0.1:79 or unix:/run/x.sock");
  if (!word) return {};
  const std::string_view text = *word;
  const std::size_t colon = text.find(':');
  if (colon == text.npos && text.find('/') != text.npos) {
    say_fault(value, "write a UNIX socket as unix:" + *word);
    return {};
  }
  if (colon != text.npos && !text.starts_with('[')) {
    const std::string_view prefix = text.substr(0, colon), rest = text.substr(colon + 1);
    if (const Family* family = find_family(prefix)) return family->read(value, rest);
    if (wants_family(prefix, rest)) {
      say_no_family(value, prefix);
      return {};
    }
  }
  return read_inet(value, text, Transport::tcp, IpFamily::dual);
}

}  // namespace superd
