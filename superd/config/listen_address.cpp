// SPDX-License-Identifier: MIT
// From words to addresses: family, host, port; names are asked of the host.
#include "superd/config/listen_address.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

struct FamilyName {
  std::string_view name;
  IpFamily family;
};
constexpr FamilyName tcp_families[] = {
    {"tcp", IpFamily::dual}, {"tcp4", IpFamily::v4}, {"tcp6", IpFamily::v6}};

// In the language, but of a later version.
constexpr std::string_view later_families[] = {
    "udp",   "udp4",  "udp6",  "unix-dgram", "unix-seqpacket", "sctp",
    "sctp4", "sctp6", "mptcp", "mptcp4",     "mptcp6",         "vsock"};

// The words of a TCP address: host (absent: none written; "*" too), and port.
struct HostPort {
  std::optional<std::string> host;
  std::string port;
};

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
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

std::optional<std::uint16_t> read_port(const Value& value, const std::string& port) {
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
  if (const auto known = value.scope.host.tcp_port(port)) return known;
  say_fault(value, "no TCP service is called " + quote(port) + " here; give the port's number");
  return std::nullopt;
}

// Every address of a family is written as no host, 0.0.0.0 or [::].
TcpAddress bound(const IpAddress& address, std::uint16_t port) {
  const IpAddress host = unmapped(address);
  const IpFamily family = host.v6 ? IpFamily::v6 : IpFamily::v4;
  const bool is_any = host.bytes == IpAddress{}.bytes;
  return {family, is_any ? std::nullopt : std::optional(host), port};
}

std::vector<IpAddress> read_hosts(const Value& value, const std::string& host) {
  if (const auto numeric = parse_ip(host)) return {*numeric};
  if (const std::size_t percent = host.find('%'); percent != host.npos) {
    say_fault(value, "give the interface after '%' by its number (ip link shows it)");
    return {};
  }
  if (host.find_first_not_of("0123456789.") == host.npos || host.find(':') != host.npos) {
    say_fault(value, quote(host) + " is no address; give one like 127.0.0.1 or ::1");
    return {};
  }
  const auto addresses = value.scope.host.resolve(host);
  if (addresses) return *addresses;
  say_fault(value, "the host " + quote(host) + " can't be looked up (" + addresses.error().text +
                       "); give its address");
  return {};
}

std::vector<BindAddress> read_tcp(const Value& value, std::string_view word, IpFamily family) {
  const auto parts = split_host(value, word);
  if (!parts) return {};
  const auto port = read_port(value, parts->port);
  if (!port) return {};
  if (!parts->host) return {TcpAddress{family, std::nullopt, *port}};
  const std::vector<IpAddress> hosts = read_hosts(value, *parts->host);
  std::vector<BindAddress> addresses;
  for (const IpAddress& host : hosts) {
    const TcpAddress address = bound(host, *port);
    const bool fits = family == IpFamily::dual || family == address.family;
    const bool is_new =
        std::find(addresses.begin(), addresses.end(), BindAddress(address)) == addresses.end();
    if (fits && is_new) addresses.emplace_back(address);
  }
  if (addresses.empty() && !hosts.empty()) {
    const std::string wanted = family == IpFamily::v4 ? "IPv4" : "IPv6";
    say_fault(value,
              quote(*parts->host) + " has no " + wanted + " address; write tcp: or another host");
  }
  return addresses;
}

std::vector<BindAddress> read_unix(const Value& value, std::string_view word) {
  UnixAddress address;
  address.abstract = word.starts_with('@');
  if (address.abstract) word.remove_prefix(1);
  if (word.empty()) {
    say_fault(value, "give a path, or '@' and a name: unix:/run/x.sock, unix:@x");
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

}  // namespace

std::vector<BindAddress> read_bind_addresses(const Value& value) {
  const auto word =
      read_word(value, "give an address such as 79, 127.0.0.1:79 or unix:/run/x.sock");
  if (!word) return {};
  const std::string_view text = *word;
  const std::size_t colon = text.find(':');
  const std::string_view prefix = colon == text.npos ? "" : text.substr(0, colon);
  const std::string_view rest = colon == text.npos ? text : text.substr(colon + 1);
  if (prefix == "unix") return read_unix(value, rest);
  for (const FamilyName& name : tcp_families) {
    if (prefix == name.name) return read_tcp(value, rest, name.family);
  }
  if (std::find(std::begin(later_families), std::end(later_families), prefix) !=
      std::end(later_families)) {
    say_fault(value, quote(std::string(prefix) + ":") +
                         " is not in this version yet; give a TCP address or unix:PATH");
    return {};
  }
  if (text.find('/') != text.npos && colon == text.npos) {
    say_fault(value, "write a UNIX socket as unix:" + *word);
    return {};
  }
  return read_tcp(value, text, IpFamily::dual);
}

}  // namespace superd
