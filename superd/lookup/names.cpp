// SPDX-License-Identifier: MIT
// gethostbyaddr_r(3) and getaddrinfo(3) ask what nsswitch.conf(5) says. Of several PTR records the
// former tells only the first, and which that is changes from answer to answer: DNS is asked for
// all of them besides.
#include "superd/lookup/names.hpp"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "superd/core/host_name.hpp"
#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_answer = 64 * 1024;  // of DNS, over TCP
constexpr std::size_t longest_entry = 256 * 1024;  // of whatever else there is

void add_name(std::vector<std::string>& names, const char* told) {
  if (!told || names.size() >= most_names) return;
  auto name = read_host_name(told);
  if (name && std::find(names.begin(), names.end(), *name) == names.end())
    names.push_back(std::move(*name));
}

// 192.0.2.1 is 1.2.0.192.in-addr.arpa; of IPv6 each half of a byte is a label.
std::string reverse_name(const IpAddress& address) {
  std::string name;
  for (std::size_t i = address.v6 ? 16 : 4; i-- > 0;) {
    const unsigned byte = address.bytes[i];
    if (address.v6)
      for (const unsigned half : {byte & 15U, byte >> 4})
        name.append({"0123456789abcdef"[half], '.'});
    else
      name += std::to_string(byte) + ".";
  }
  return name + (address.v6 ? "ip6.arpa" : "in-addr.arpa");
}

// Odd bytes come with a backslash before them, which is in no host's name. False: there was no
// answer that could be read.
bool add_names_of_dns(std::vector<std::string>& names, const IpAddress& address) {
  struct __res_state resolver {};
  if (res_ninit(&resolver) != 0) return false;
  // A name server that is there has answered a moment ago. Where names are from /etc/hosts and the
  // server is dead, it mustn't take long.
  resolver.retrans = 1;
  resolver.retry = 1;
  std::vector<unsigned char> answer(longest_answer);
  const std::string name = reverse_name(address);
  const int length = res_nquery(&resolver, name.c_str(), ns_c_in, ns_t_ptr, answer.data(),
                                static_cast<int>(answer.size()));
  res_nclose(&resolver);
  ns_msg message{};
  if (length <= 0 || length > static_cast<int>(answer.size()) ||
      ns_initparse(answer.data(), length, &message) != 0)
    return false;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record{};
    char told[NS_MAXDNAME];
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) return false;
    if (ns_rr_type(record) == ns_t_ptr &&
        ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record), told,
                           sizeof told) >= 0)
      add_name(names, told);
  }
  return true;
}

// What the owner of the address says its names are. Absent: there is no answer.
std::optional<std::vector<std::string>> claimed_names(const IpAddress& address) {
  std::vector<char> memory(longest_entry);
  hostent entry{};
  hostent* found = nullptr;
  int fault = 0;
  gethostbyaddr_r(address.bytes.data(), address.v6 ? 16 : 4, address.v6 ? AF_INET6 : AF_INET,
                  &entry, memory.data(), memory.size(), &found, &fault);
  std::vector<std::string> names;
  if (!found && fault == TRY_AGAIN) return std::nullopt;
  if (found) add_name(names, found->h_name);
  for (char** alias = found ? found->h_aliases : nullptr; alias && *alias; ++alias)
    add_name(names, *alias);
  const bool is_none = !found && (fault == HOST_NOT_FOUND || fault == NO_DATA);
  const bool is_answered = add_names_of_dns(names, address);
  // Where the first of the names is none, the former takes it for a fault of the server.
  if (!found && !is_none && !is_answered) return std::nullopt;
  return names;
}

bool is_address(const sockaddr* one, const IpAddress& address) {
  if (!address.v6) {
    sockaddr_in v4;
    std::memcpy(&v4, one, sizeof v4);
    return std::memcmp(&v4.sin_addr, address.bytes.data(), 4) == 0;
  }
  // A link-local address is another host's on another link: its scope belongs to it.
  sockaddr_in6 v6;
  std::memcpy(&v6, one, sizeof v6);
  return std::memcmp(&v6.sin6_addr, address.bytes.data(), 16) == 0 &&
         v6.sin6_scope_id == address.scope;
}

enum class Agreement : std::uint8_t { yes, no, unknown };

Agreement agrees(const std::string& name, const IpAddress& address) {
  addrinfo hints{};
  hints.ai_family = address.v6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int fault = getaddrinfo(name.c_str(), nullptr, &hints, &first);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(first, freeaddrinfo);
  if (fault == EAI_AGAIN || fault == EAI_FAIL || fault == EAI_SYSTEM || fault == EAI_MEMORY)
    return Agreement::unknown;
  if (fault != 0) return Agreement::no;
  for (const addrinfo* one = first; one; one = one->ai_next)
    if (one->ai_family == hints.ai_family && is_address(one->ai_addr, address))
      return Agreement::yes;
  return Agreement::no;
}

}  // namespace

LookupOutcome confirmed_names(const IpAddress& address) {
  const auto claimed = claimed_names(address);
  if (!claimed) return LookupFailed{};
  ConfirmedNames confirmed;
  bool is_unknown = false;
  for (const std::string& name : *claimed) {
    const Agreement agreement = agrees(name, address);
    if (agreement == Agreement::yes) confirmed.names.push_back(name);
    is_unknown = is_unknown || agreement == Agreement::unknown;
  }
  if (confirmed.names.empty() && is_unknown) return LookupFailed{};
  return confirmed;
}

LookupOutcome host_addresses(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int fault = getaddrinfo(host.c_str(), nullptr, &hints, &first);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(first, freeaddrinfo);
  HostAddresses found;
  if (fault == EAI_NONAME || fault == EAI_NODATA) return found;
  if (fault != 0) return LookupFailed{};
  for (const addrinfo* one = first; one && found.addresses.size() < most_addresses;
       one = one->ai_next) {
    KernelAddress address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.length = one->ai_addrlen;
    const IpAddress ip = to_endpoint(address).address;
    if (std::find(found.addresses.begin(), found.addresses.end(), ip) == found.addresses.end())
      found.addresses.push_back(ip);
  }
  return found;
}

}  // namespace superd
