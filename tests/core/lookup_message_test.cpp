// SPDX-License-Identifier: MIT
// Messages are read back as they were, and nothing else is one.
#include "superd/core/lookup_message.hpp"

#include <random>

#include "tests/catch.hpp"

using namespace superd;

namespace {

InetPeer peer_between(const std::string& remote, const std::string& local) {
  return {Transport::tcp, {*parse_ip(remote), 50212}, {*parse_ip(local), 22}};
}

UnixPeer local_peer(uid_t uid) {
  UnixPeer peer;
  peer.uid = uid;
  return peer;
}

std::string again(const std::string& request) {
  const auto read = parse_lookup_request(request);
  return read ? encode(*read) : "none";
}

std::string answered_again(const std::string& answer) {
  const auto read = parse_lookup_answer(answer);
  return read ? encode(*read) : "none";
}

const std::string long_name = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                              std::string(63, 'c') + "." + std::string(61, 'd');

}  // namespace

TEST_CASE("requests and their words") {
  struct Row {
    LookupRequest request;
    std::string words;
  };
  const Row row = GENERATE(
      values<Row>({{{1, NamesQuestion{*parse_ip("192.0.2.1")}}, "1 names 192.0.2.1"},
                   {{18446744073709551615U, NamesQuestion{*parse_ip("fe80::1%3")}},
                    "18446744073709551615 names fe80::1%3"},
                   {{2, HostsAccessQuestion{"sshd", peer_between("192.0.2.1", "198.51.100.1")}},
                    "2 hosts_access sshd 192.0.2.1 50212 198.51.100.1 22"},
                   {{3, HostsAccessQuestion{"in.ftpd", peer_between("2001:db8::1", "::1")}},
                    "3 hosts_access in.ftpd 2001:db8::1 50212 ::1 22"},
                   {{0, HostsAccessQuestion{"a", local_peer(65534)}}, "0 hosts_access a uid 65534"},
                   {{0, HostsAccessQuestion{"a", VsockPeer{3, 0, {}}}}, "0 hosts_access a vsock 3"},
                   {{4, AddressesQuestion{"www.example.org"}}, "4 addresses www.example.org"}}));
  CHECK(encode(row.request) == row.words);
  CHECK(again(row.words) == row.words);
}

TEST_CASE("answers and their words") {
  struct Row {
    LookupAnswer answer;
    std::string words;
  };
  const Row row = GENERATE(values<Row>({{{1, LookupFailed{}}, "1 failed"},
                                        {{2, ConfirmedNames{}}, "2 names"},
                                        {{3, ConfirmedNames{{"a.org", "b"}}}, "3 names a.org b"},
                                        {{4, HostsVerdict::allowed}, "4 allowed"},
                                        {{5, HostsVerdict::denied}, "5 denied"}}));
  CHECK(encode(row.answer) == row.words);
  const auto read = parse_lookup_answer(row.words);
  REQUIRE(read);
  CHECK(read->id == row.answer.id);
  CHECK(read->outcome == row.answer.outcome);
}

TEST_CASE("the longest messages fit") {
  const LookupAnswer answer{18446744073709551615U,
                            ConfirmedNames{std::vector<std::string>(most_names, long_name)}};
  CHECK(encode(answer).size() < longest_lookup_answer);
  CHECK(answered_again(encode(answer)) == encode(answer));
  const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  InetPeer peer = peer_between(longest, longest);
  peer.remote.address.scope = peer.local.address.scope = 4294967295U;
  const LookupRequest request{18446744073709551615U,
                              HostsAccessQuestion{std::string(64, 'x'), peer}};
  CHECK(encode(request).size() < longest_lookup_request);
  CHECK(again(encode(request)) == encode(request));
}

TEST_CASE("what is no request") {
  const std::string words =
      GENERATE(values<std::string>({"",
                                    " ",
                                    "1",
                                    "1 names",
                                    "names 192.0.2.1",
                                    "1 names 192.0.2.1 ",
                                    " 1 names 192.0.2.1",
                                    "1  names 192.0.2.1",
                                    "01 names 192.0.2.1",
                                    "-1 names 192.0.2.1",
                                    "+1 names 192.0.2.1",
                                    "18446744073709551616 names 192.0.2.1",
                                    "1 names 192.0.2",
                                    "1 names example.org",
                                    "1 names 192.0.2.1 192.0.2.2",
                                    "1 NAMES 192.0.2.1",
                                    "1 names 192.0.2.1\n",
                                    "1 hosts_access",
                                    "1 hosts_access sshd",
                                    "1 hosts_access sshd uid",
                                    "1 hosts_access sshd uid -1",
                                    "1 hosts_access sshd vsock",
                                    "1 hosts_access sshd vsock x",
                                    "1 hosts_access sshd uid 4294967296",
                                    "1 hosts_access sshd gid 1",
                                    "1 hosts_access s:d uid 1",
                                    "1 hosts_access sshd 192.0.2.1 1 198.51.100.1",
                                    "1 hosts_access sshd 192.0.2.1 1 x 1",
                                    "1 hosts_access sshd 192.0.2.1 65536 198.51.100.1 1",
                                    "1 hosts_access sshd 192.0.2.1 1 198.51.100.1 1 1"}));
  CAPTURE(words);
  CHECK(!parse_lookup_request(words));
  CHECK(!parse_lookup_request(std::string(longest_lookup_request, '1') + words));
}

TEST_CASE("what is no answer") {
  const std::string words = GENERATE(values<std::string>(
      {"", "1", "1 ", "failed", "1 failed ", "1 failed x", "1 allowed denied", "1 maybe",
       "1 names  a", "1 names a.org.", "1 names A.org", "1 names 127.0.0.1", "1 names a_b",
       "1 names a b c d e f g h i", std::string("1 names a\0", 10), "x names a"}));
  CAPTURE(words);
  CHECK(!parse_lookup_answer(words));
}

TEST_CASE("bytes of any kind are a message or none") {
  const std::string seeds[] = {"1 names 192.0.2.1",
                               "2 hosts_access sshd ::1 50212 ::1 22",
                               "3 names a.example.org b.example.org",
                               "4 allowed",
                               "5 failed",
                               "6 hosts_access sshd uid 1000"};
  std::mt19937 random(14);  // the same bytes in each run
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes = seeds[random() % std::size(seeds)];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % (bytes.size() + 1);
      const auto byte =
          static_cast<char>(random() % 3 == 0 ? random() : " 0159.:%aZ-"[random() % 11]);
      if (random() % 3 == 0)
        bytes.erase(at, 1 + random() % 3);
      else if (random() % 2 == 0 || at == bytes.size())
        bytes.insert(at, 1, byte);
      else
        bytes[at] = byte;
    }
    CAPTURE(bytes);
    if (const auto request = parse_lookup_request(bytes)) {
      const std::string words = encode(*request);  // an address may have been written otherwise
      if (again(words) != words) FAIL("a request changes");
    }
    if (parse_lookup_answer(bytes) && answered_again(bytes) != bytes) FAIL("an answer changes");
  }
}

TEST_CASE("names for hosts.allow") {
  CHECK(is_hosts_access_name("in.ftpd"));
  CHECK(is_hosts_access_name("A-b_c+1"));
  CHECK(is_hosts_access_name(std::string(64, 'a')));
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a b"),
                                  std::string("a:b"), std::string("a@b"), std::string("\xC3\xA9")})
    CHECK(!is_hosts_access_name(name));
}
