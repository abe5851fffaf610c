// SPDX-License-Identifier: MIT
// Who holds a port: here, this test.
#include "superd/os/port_owner.hpp"

#include <unistd.h>

#include "superd/os/socket.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("a port's holder is named as long as it holds it") {
  const char* host = GENERATE("127.0.0.1", "::1");
  const auto transport = GENERATE(Transport::tcp, Transport::udp, Transport::mptcp);
  CAPTURE(host, to_text(BindAddress(InetAddress{transport})));
  const Listen listen{InetAddress{transport, IpFamily::dual, parse_ip(host), 0}, {}, {}};
  auto listener = open_listener(listen);
  if (!listener) return skipped(to_text(listen.address) + " is not here");
  const auto bound = std::get<InetAddress>(bound_address(listener->get(), listen.address).value());
  std::string name = text_of("/proc/self/comm");
  name.pop_back();
  CHECK(port_owner(transport, bound.port) == "pid " + std::to_string(getpid()) + " (" + name + ")");
  listener->reset();
  CHECK(port_owner(transport, bound.port) == std::nullopt);
}
