// SPDX-License-Identifier: MIT
// What rpcbind is told of a socket; the messages about it are read back as they were, and nothing
// else is one; nobody is robbed.
#include "superd/core/rpc.hpp"

#include "superd/core/rpc_move.hpp"
#include "tests/catch.hpp"

using namespace superd;

namespace {

using Lines = std::vector<std::string>;

InetAddress bound(Transport transport, IpFamily family, const char* host = nullptr) {
  InetAddress address{transport, family, std::nullopt, 1025};
  if (host) address.host = parse_ip(host);
  return address;
}

Lines told(const BindAddress& address) {
  Lines lines;
  for (const auto& one : registrations_of({7, {1, 3}}, address))
    lines.push_back(to_text(one.key) + " " + one.address);
  return lines;
}

std::string asked_again(const std::string& message) {
  const auto tasks = parse_rpc_request(message);
  return tasks ? encode(*tasks) : "none";
}

std::string answered_again(const std::string& message, std::size_t tasks) {
  const auto answer = parse_rpc_answer(message, tasks);
  if (!answer) return "none";
  return *answer ? encode(**answer) : encode(answer->error());
}

RpcTask task(RpcTask::Wish wish, const std::string& address) {
  return {wish, {{7, 1, "tcp"}, address}};
}

}  // namespace

TEST_CASE("a socket is told by transport, family and version") {
  struct Row {
    BindAddress address;
    Lines lines;
  };
  const Row row = GENERATE(values<Row>({
      {bound(Transport::tcp, IpFamily::dual),
       {"7 version 1, tcp 0.0.0.0.4.1", "7 version 3, tcp 0.0.0.0.4.1", "7 version 1, tcp6 ::.4.1",
        "7 version 3, tcp6 ::.4.1"}},
      {bound(Transport::udp, IpFamily::v4),
       {"7 version 1, udp 0.0.0.0.4.1", "7 version 3, udp 0.0.0.0.4.1"}},
      {bound(Transport::udp, IpFamily::v6),
       {"7 version 1, udp6 ::.4.1", "7 version 3, udp6 ::.4.1"}},
      {bound(Transport::mptcp, IpFamily::v4, "192.0.2.1"),
       {"7 version 1, tcp 192.0.2.1.4.1", "7 version 3, tcp 192.0.2.1.4.1"}},
      {bound(Transport::tcp, IpFamily::v6, "fe80::1%2"),
       {"7 version 1, tcp6 fe80::1.4.1", "7 version 3, tcp6 fe80::1.4.1"}},
      {bound(Transport::sctp, IpFamily::dual), {}},
      {UnixAddress{"/run/x"}, {}},
      {VsockAddress{}, {}},
  }));
  CHECK(told(row.address) == row.lines);
}

TEST_CASE("universal addresses") {
  const auto read = [](const char* text) {
    const auto endpoint = parse_universal_address(text);
    return endpoint ? to_text(*endpoint) : "none";
  };
  CHECK(read("0.0.0.0.4.1") == "0.0.0.0:1025");
  CHECK(read("::1.255.255") == "[::1]:65535");
  CHECK(read("127.0.0.1.0.0") == "127.0.0.1:0");
  for (const char* wrong : {"", ".", "4.1", "0.0.0.0.4", "0.0.0.0.256.1", "0.0.0.0.4.-1", "x.4.1",
                            "/run/rpcbind.sock", "0.0.0.0.4.1 "})
    CHECK(read(wrong) == "none");
}

TEST_CASE("requests to superd-rpc") {
  for (const std::string message :
       {"set 100001 3 tcp 0.0.0.0.4.1", "set 4294967295 1 udp6 ::.0.80\nunset 1 2 tcp6 ::1.4.1"})
    CHECK(asked_again(message) == message);
  for (const std::string wrong :
       {"", "set", "get 1 1 tcp 0.0.0.0.4.1", "set 1 1 tcp", "set 1 1 sctp 0.0.0.0.4.1",
        "set 01 1 tcp 0.0.0.0.4.1", "set 4294967296 1 tcp 0.0.0.0.4.1", "set 1 1 tcp nowhere",
        "set 1 1 tcp 0.0.0.0.4.1 ", "set 1 1 tcp 0.0.0.0.4.1\n", "set  1 1 tcp 0.0.0.0.4.1"})
    CHECK(asked_again(wrong) == "none");
  const std::vector<RpcTask> most(most_rpc_tasks, task(RpcTask::Wish::gone, "0.0.0.0.4.1"));
  CHECK(parse_rpc_request(encode(most)) == most);
  CHECK(asked_again(encode(most) + "\nset 1 1 tcp 0.0.0.0.4.1") == "none");
}

TEST_CASE("answers of superd-rpc") {
  for (const std::string message : {"done\nrefused", "taken nowhere superuser\ndone"})
    CHECK(answered_again(message, 2) == message);
  CHECK(answered_again("failed RPC: Timed out", 2) == "failed RPC: Timed out");
  for (const std::string wrong : {"", "done", "done\ndone\ndone", "done\n", "done\ntaken",
                                  "done\ntaken a b c", "done\nfine", "failed \x1b[2J"})
    CHECK(answered_again(wrong, 2) == "none");
  const std::string hostile = "a b\n\x1b" + std::string(1000, 'x');
  const auto words = encode(std::vector<RpcOutcome>{RpcTaken{hostile, ""}});
  CHECK(words == "taken a?b??" + std::string(75, 'x') + " ?");
  CHECK(answered_again(words, 1) == words);
  CHECK(encode(Error{"no\nway", 0}) == "failed no?way");
}

TEST_CASE("nobody is robbed, and what is left over is replaced") {
  constexpr auto set = RpcTask::Wish::registered, unset = RpcTask::Wish::gone;
  struct Row {
    RpcTask task;
    std::string present, owner;  // empty: nothing
    bool is_served;
    RpcMove move;
  };
  const Row row = GENERATE_COPY(values<Row>({
      {task(set, "0.0.0.0.4.1"), "", "", false, RpcMove::set},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.1", "superuser", true, RpcMove::none},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.1", "1000", false, RpcMove::none},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.2", "superuser", true, RpcMove::leave},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.2", "superuser", false, RpcMove::replace},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.2", "1000", false, RpcMove::leave},
      {task(set, "0.0.0.0.4.1"), "0.0.0.0.4.2", "unknown", true, RpcMove::leave},
      {task(unset, "0.0.0.0.4.1"), "0.0.0.0.4.1", "superuser", true, RpcMove::unset},
      {task(unset, "0.0.0.0.4.1"), "0.0.0.0.4.2", "superuser", false, RpcMove::none},
      {task(unset, "0.0.0.0.4.1"), "", "", false, RpcMove::none},
  }));
  const RpcEntry entry{{{7, 1, "tcp"}, row.present}, row.owner};
  const auto is_served = [&](const RpcRegistration&) { return row.is_served; };
  CHECK(move_for(row.task, row.present.empty() ? nullptr : &entry, "superuser", is_served) ==
        row.move);
}
