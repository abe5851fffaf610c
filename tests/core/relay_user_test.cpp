// SPDX-License-Identifier: MIT
// Who superd's own programs run as.
#include "superd/core/relay_user.hpp"

#include "tests/config/fake_host.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("root's programs run as nobody, or as who is named") {
  FakeHost host;
  Daemon daemon;
  CHECK(relay_identity(daemon, host).value() == Identity{"nobody", 65534, 65534, {}});
  daemon.relay_user = Identity{"alice", 1000, 1000, {}};
  CHECK(relay_identity(daemon, host).value() == daemon.relay_user);
  host.me = "bob";
  CHECK(!relay_identity(daemon, host).value());
}

TEST_CASE("root never takes itself for nobody") {
  FakeHost host;
  std::erase_if(host.users, [](const Account& one) { return one.name == "nobody"; });
  CHECK(relay_identity({}, host).error().text ==
        "there is no user 'nobody'; give `relay_user` in `daemon`");
}
