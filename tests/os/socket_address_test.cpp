// SPDX-License-Identifier: MIT
// Addresses to the kernel and back.
#include "superd/os/socket_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "tests/telling.hpp"

using namespace superd;

namespace {

BindAddress tcp(const char* host, std::uint16_t port = 79) {
  return InetAddress{Transport::tcp, IpFamily::dual, parse_ip(host), port};
}

BindAddress any(IpFamily family) { return InetAddress{Transport::tcp, family, std::nullopt, 79}; }

std::string there_and_back(const BindAddress& address) {
  return to_text(to_endpoint(to_kernel(address)));
}

}  // namespace

TEST_CASE("TCP addresses survive the way to the kernel and back") {
  CHECK(there_and_back(tcp("192.0.2.1")) == "192.0.2.1:79");
  CHECK(there_and_back(tcp("127.0.0.1", 0)) == "127.0.0.1:0");
  CHECK(there_and_back(tcp("127.0.0.1", 65535)) == "127.0.0.1:65535");
  CHECK(there_and_back(tcp("2001:db8::1")) == "[2001:db8::1]:79");
  CHECK(there_and_back(tcp("fe80::1%2")) == "[fe80::1%2]:79");
  CHECK(there_and_back(tcp("::ffff:192.0.2.1")) == "192.0.2.1:79");
}

TEST_CASE("without a host it is every address of the family") {
  CHECK(there_and_back(any(IpFamily::v4)) == "0.0.0.0:79");
  CHECK(there_and_back(any(IpFamily::v6)) == "[::]:79");
  CHECK(there_and_back(any(IpFamily::dual)) == "[::]:79");
}

TEST_CASE("the family is the host's, or the one asked for") {
  CHECK(family_of(tcp("192.0.2.1")) == AF_INET);
  CHECK(family_of(tcp("::1")) == AF_INET6);
  CHECK(family_of(any(IpFamily::v4)) == AF_INET);
  CHECK(family_of(any(IpFamily::v6)) == AF_INET6);
  CHECK(family_of(any(IpFamily::dual)) == AF_INET6);
  CHECK(family_of(UnixAddress{"/run/x", false}) == AF_UNIX);
}

TEST_CASE("the length tells the kernel how much there is") {
  CHECK(to_kernel(tcp("192.0.2.1")).length == sizeof(sockaddr_in));
  CHECK(to_kernel(tcp("::1")).length == sizeof(sockaddr_in6));
}

TEST_CASE("UNIX paths end with a NUL, abstract names begin with one") {
  struct Row {
    UnixAddress address;
    std::string sun_path;
  };
  const std::string longest(longest_unix_path, 'x');
  const Row rows[] = {
      {{"/run/x", false}, std::string("/run/x\0", 7)},
      {{"name", true}, std::string("\0name", 5)},
      {{longest, false}, longest + std::string(1, '\0')},
      {{longest, true}, std::string(1, '\0') + longest},
  };
  for (const Row& row : rows) {
    const KernelAddress kernel = to_kernel(row.address);
    constexpr std::size_t offset = offsetof(sockaddr_un, sun_path);
    REQUIRE(kernel.length == offset + row.sun_path.size());
    CHECK(kernel.storage.ss_family == AF_UNIX);
    const auto* bytes = reinterpret_cast<const char*>(&kernel.storage);
    CHECK(std::string(bytes + offset, row.sun_path.size()) == row.sun_path);
  }
}
