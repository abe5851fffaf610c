// SPDX-License-Identifier: MIT
// Messages are read back as they were, and nothing else is one.
#include "superd/core/relay_message.hpp"

#include <random>

#include "tests/catch.hpp"

using namespace superd;

namespace {

// Fields are written with '|' between them here.
std::string with_nuls(std::string text) {
  for (char& c : text)
    if (c == '|') c = '\0';
  return text;
}

std::string order_again(const std::string& message) {
  const auto read = parse_relay_order(with_nuls(message));
  return read ? encode(*read) : "none";
}

std::string report_again(const std::string& message) {
  const auto read = parse_relay_report(with_nuls(message));
  return read ? encode(*read) : "none";
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a plan is read back whole") {
  ForwardRules rules;
  rules.to = {Endpoint{*parse_ip("fe80::1%3"), 80}, NamedHost{"www.example.org", 443},
              UnixAddress{"/run/a b\n.sock", false, UnixKind::stream},
              UnixAddress{"x", true, UnixKind::stream}};
  rules.connect_timeout = Milliseconds(100);
  rules.idle_timeout = Milliseconds(90'000'000'000);
  rules.proxy_protocol = ProxyProtocol::v2;
  const auto read = parse_relay_order(encode(RelayPlan{rules}));
  REQUIRE(read);
  CHECK(std::get<RelayPlan>(*read).rules == rules);
  rules.idle_timeout.reset();
  CHECK(std::get<RelayPlan>(*parse_relay_order(encode(RelayPlan{rules}))).rules == rules);
}

TEST_CASE("orders and their fields") {
  const std::string order = GENERATE(values<std::string>(
      {"forward|5000|0|0|inet|127.0.0.1|80", "forward|1|1|2|unix|/x|abstract|y|host|a.example|1",
       "take|1", "take|18446744073709551615|192.0.2.1|50000|198.51.100.1|80",
       "take|7|2001:db8::1|1|::1|2", "host|www.example.org", "host|a.example|192.0.2.1|::1",
       "drop|5"}));
  CHECK(order_again(order) == with_nuls(order));
}

TEST_CASE("a peer that an upstream can't be told of isn't told of") {
  CHECK(encode(RelayOrder(Take{3, UnixPeer{}})) == with_nuls("take|3"));
}

TEST_CASE("what isn't exactly an order is none") {
  const std::string order =
      GENERATE(values<std::string>({"",
                                    "|",
                                    "forward",
                                    "forward|5000|0|0",
                                    "forward|5000|0|3|unix|/x",
                                    "forward|-1|0|0|unix|/x",
                                    "forward|5000|0|0|unix|",
                                    "forward|5000|0|0|seqpacket|/x",
                                    "forward|5000|0|0|inet|127.0.0.1",
                                    "forward|5000|0|0|inet|127.0.0.1|65536",
                                    "forward|5000|0|0|host|A.example|1",
                                    "forward|5000|0|0|host|192.0.2.1|1",
                                    "forward|5000|0|0|unix|/x|",
                                    "take",
                                    "take|",
                                    "take|x",
                                    "take|01",
                                    "take|1|",
                                    "take|1|192.0.2.1|1|192.0.2.2",
                                    "take|1|192.0.2.1|1|192.0.2.2|2|",
                                    "drop|1|2",
                                    "drop",
                                    "host",
                                    "host|a b",
                                    "host|a.example|x",
                                    "taken|1",
                                    "Take|1",
                                    "forward|5000|0|0|unix|" + std::string(108, 'x'),
                                    "forward|5000|0|0" + repeated("|unix|/x", most_upstreams + 1),
                                    "host|a.example" + repeated("|::1", most_host_addresses + 1)}));
  CAPTURE(order);
  CHECK(order_again(order) == "none");
}

TEST_CASE("a list as long as it may be is an order") {
  const std::string order =
      "forward|5000|0|0" + repeated("|unix|" + std::string(longest_unix_path, 'x'), most_upstreams);
  CHECK(order_again(order) == with_nuls(order));
  const std::string names =
      "forward|5000|0|0" +
      repeated("|host|" + repeated(std::string(61, 'a') + ".", 4) + "bcd|65535", most_upstreams);
  CHECK(order_again(names) == with_nuls(names));
}

TEST_CASE("reports and their fields") {
  const std::string report = GENERATE(values<std::string>(
      {"taken|1", "host|www.example.org", "finished|1|2|3|0|0|",
       "finished|18446744073709551615|1|18446744073709551615|3|111|unix:/run/a b"}));
  CHECK(report_again(report) == with_nuls(report));
}

TEST_CASE("what isn't exactly a report is none") {
  const std::string report = GENERATE(values<std::string>(
      {"", "taken", "taken|", "taken|1|", "taken|-1", "host|", "finished|1|2|3|0|0",
       "finished|1|2|3|8|0|", "finished|1|2|3|0|-1|", "finished|1|2|3|0|0||", "take|1",
       "finished|1|2|3|0|0|" + std::string(301, 'x')}));
  CAPTURE(report);
  CHECK(report_again(report) == "none");
}

TEST_CASE("no bytes hurt") {
  std::mt19937 random(4711);
  const std::string seeds[] = {"forward|5000|0|0|inet|::1|80|unix|/x|host|a.example|1",
                               "take|1|192.0.2.1|1|192.0.2.2|2", "finished|1|2|3|0|0|x"};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = with_nuls(seeds[random() % 3]);
    for (std::size_t n = random() % 4; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 2));
    if (const auto order = parse_relay_order(bytes)) CHECK(parse_relay_order(encode(*order)));
    if (const auto report = parse_relay_report(bytes)) CHECK(encode(*report) == bytes);
  }
}
