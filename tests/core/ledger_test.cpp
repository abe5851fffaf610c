// SPDX-License-Identifier: MIT
// Counts of what runs, and rates, by service and by source.
#include "superd/core/ledger.hpp"

#include <chrono>
#include <cstdio>

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const Monotonic start{1000s};

SourceId source(const char* address) {
  return network_of(*parse_ip(address), parse_ip(address)->v6 ? 64 : 32);
}

Limits limits() {
  Limits limits;
  limits.per_source = 2;
  limits.rate = Rate{10, 1s, 20};
  limits.rate_per_source = Rate{30, 60s, 3};
  return limits;
}

}  // namespace

TEST_CASE("what runs is counted by service and by source, and given back") {
  Ledger ledger({1, 2});
  ledger.begin("a", limits(), source("192.0.2.1"), start);
  ledger.begin("a", limits(), source("192.0.2.1"), start);
  ledger.begin("a", limits(), source("192.0.2.2"), start);
  ledger.begin("b", {}, source("192.0.2.1"), start);
  CHECK(ledger.running() == 4);
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).instances == 3);
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).per_source == 2);
  CHECK(ledger.usage("b", limits(), source("192.0.2.1"), start).per_source == 1);
  CHECK(ledger.usage("c", limits(), source("192.0.2.1"), start).instances == 0);
  ledger.end("a", source("192.0.2.1"));
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).per_source == 1);
  ledger.end("a", source("192.0.2.1"));
  ledger.end("a", source("192.0.2.1"));  // nobody's: no harm
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).per_source == 0);
  ledger.resume("a", source("::1"));
  CHECK(ledger.running("a") == 2);
}

TEST_CASE("users of a UNIX socket are sources, apart from addresses") {
  Ledger ledger({1, 2});
  ledger.begin("a", limits(), uid_t{1000}, start);
  CHECK(ledger.usage("a", limits(), uid_t{1000}, start).per_source == 1);
  CHECK(ledger.usage("a", limits(), uid_t{1001}, start).per_source == 0);
  CHECK(to_text(SourceId(uid_t{1000})) == "uid:1000");
  CHECK(to_text(source_of({}, InetPeer{Transport::tcp, {*parse_ip("2001:db8::5"), 1}, {}})) ==
        "2001:db8::/64");
  CHECK(to_text(source_of({}, UnixPeer{7, 8, 9, {}})) == "uid:7");
}

TEST_CASE("virtual machines are sources, apart from users of the same number") {
  Ledger ledger({1, 2});
  ledger.begin("a", limits(), VsockCid{3}, start);
  CHECK(ledger.usage("a", limits(), VsockCid{3}, start).per_source == 1);
  CHECK(ledger.usage("a", limits(), VsockCid{4}, start).per_source == 0);
  CHECK(ledger.usage("a", limits(), uid_t{3}, start).per_source == 0);
  CHECK(to_text(source_of({}, VsockPeer{3, 1024, {}})) == "vsock:3");
}

TEST_CASE("rates are of starts, per service and per source") {
  Ledger ledger({1, 2});
  for (int i = 0; i < 3; ++i) {
    CHECK(ledger.usage("a", limits(), source("::1"), start).rate_per_source == 0ms);
    ledger.begin("a", limits(), source("::1"), start);
  }
  CHECK(ledger.usage("a", limits(), source("::1"), start).rate_per_source == 2s);
  CHECK(ledger.usage("a", limits(), source("::1"), start + 1999ms).rate_per_source == 1ms);
  CHECK(ledger.usage("a", limits(), source("::1"), start + 2s).rate_per_source == 0ms);
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).rate_per_source == 0ms);
  for (int i = 0; i < 17; ++i) {
    ledger.begin("a", limits(), network_of(ipv4(static_cast<std::uint32_t>(i)), 32), start);
  }
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start).rate == 100ms);
  CHECK(ledger.usage("a", limits(), source("192.0.2.1"), start + 100ms).rate == 0ms);
  CHECK(ledger.usage("b", limits(), source("192.0.2.1"), start).rate == 0ms);
}

TEST_CASE("a clock that jumps back gives nobody anything, and one that jumps ahead hurts nobody") {
  Ledger ledger({1, 2});
  for (int i = 0; i < 3; ++i) ledger.begin("a", limits(), source("::1"), start);
  CHECK(ledger.usage("a", limits(), source("::1"), start - 24h).rate_per_source == 2s);
  ledger.begin("a", limits(), source("::2"), start + 24h);
  CHECK(ledger.usage("a", limits(), source("::1"), start + 1s).rate_per_source <= 2s);
}

TEST_CASE("what was spent is handed on, of services and of sources") {
  Ledger before({1, 2}, 16);
  for (int i = 0; i < 3; ++i) before.begin("a", limits(), source("::1"), start);
  // Far more than there is room for: the rest is in the cells.
  for (std::uint32_t i = 0; i < 17; ++i)
    before.begin("a", limits(), network_of(ipv4(i), 32), start);
  for (std::uint32_t i = 0; i < 1500; ++i)
    before.begin("b", limits(), network_of(ipv4(i), 32), start);
  const std::string saved = before.save(start + 1s);
  Ledger after({3, 4}, 16);
  REQUIRE(after.restore(saved, start + 1s).has_value());
  const auto same = [&](const char* service, const SourceId& one, Milliseconds later) {
    const Usage was = before.usage(service, limits(), one, start + later);
    const Usage is = after.usage(service, limits(), one, start + later);
    CHECK(is.rate == was.rate);
    CHECK(is.rate_per_source == was.rate_per_source);
    return is.rate_per_source > 0ms;
  };
  CHECK(same("a", source("::1"), 1s));
  CHECK(!same("a", source("::1"), 3s));
  bool anybody_waits = false;
  for (std::uint32_t i = 0; i < 500; ++i) anybody_waits |= same("b", network_of(ipv4(i), 32), 1s);
  CHECK(anybody_waits);
  CHECK(after.running() == 0);
  CHECK(after.save(start + 24h) == R"({"key":[1,2],"services":{},"shared":[],"sources":[]})");
}

TEST_CASE("what makes no sense of another's rates changes nothing") {
  Ledger ledger({1, 2});
  ledger.begin("a", limits(), source("::1"), start);
  const std::string before = ledger.save(start);
  for (const char* wrong :
       {"{", "[]", "{}", R"({"key":[1],"services":{},"sources":[],"shared":[]})",
        R"({"key":[1,2],"services":{"a":-1},"sources":[],"shared":[]})",
        R"({"key":[1,2],"services":{},"sources":[1],"shared":[]})",
        R"({"key":[1,2],"services":{},"sources":["x",1],"shared":[]})"}) {
    CAPTURE(wrong);
    CHECK(!ledger.restore(wrong, start).has_value());
    CHECK(ledger.save(start) == before);
  }
  CHECK(ledger.restore("", start).has_value());
  CHECK(ledger.restore(R"({"key":[1,2],"services":{},"sources":[],"shared":[999999,1,2]})", start)
            .has_value());
}

TEST_CASE("services come and go, and are not kept for ever") {
  Ledger ledger({1, 2});
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "service" + std::to_string(i);
    ledger.begin(name, limits(), source("::1"), start + i * 1s);
    ledger.end(name, source("::1"));
  }
  CHECK(ledger.running() == 0);
  CHECK(ledger.running("service1") == 0);
}

TEST_CASE("a million sources can't grow it, and one at full speed is nobody else's trouble") {
  Ledger ledger({1, 2});
  Limits only;
  only.rate_per_source = Rate{30, 60s, 3};
  Monotonic now = start;
  int served = 0;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    now += 10us;
    IpAddress one;
    one.v6 = true;
    one.bytes = {0x20, 1, 0xd, 0xb8};
    for (unsigned k = 0; k < 4; ++k) one.bytes[4 + k] = static_cast<std::uint8_t>(i >> (8 * k));
    const SourceId flooder = source_of(only.source_prefix, one);
    if (ledger.usage("a", only, flooder, now).rate_per_source == 0ms) {
      ledger.begin("a", only, flooder, now);
      ledger.end("a", flooder);
    }
    if (i % 10'000 == 0) {  // another, ten times a second in all, from here and there
      const SourceId honest = network_of(ipv4(0xC0000200U + i / 10'000 * 65'537U), 32);
      served += ledger.usage("a", only, honest, now).rate_per_source == 0ms ? 1 : 0;
      ledger.begin("a", only, honest, now);
    }
  }
  CHECK(served == 100);
  CHECK(ledger.bucket_bytes() <= ledger.bucket_bound());
  CHECK(ledger.bucket_bound() <= 9 << 20);
}

TEST_CASE("how long a decision takes", "[.speed]") {
  Ledger ledger({1, 2});
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::uint32_t rounds = 1'000'000;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const SourceId one = network_of(ipv4(i * 2654435761U), 32);
    if (ledger.usage("a", limits(), one, start + i * 1us).per_source > 5) continue;
    ledger.begin("a", limits(), one, start + i * 1us);
    ledger.end("a", one);
  }
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
  std::printf("usage, begin, end: %.0f ns, %zu of at most %zu bytes\n", time.count() / rounds,
              ledger.bucket_bytes(), ledger.bucket_bound());
}
