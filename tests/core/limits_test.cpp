// SPDX-License-Identifier: MIT
// Rates and loads as they are written, and what counts as one source.
#include "superd/core/limits.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("rates are read as they are written") {
  struct Row {
    const char *text, *means;
  };
  const Row row = GENERATE(values<Row>({{"50/s", "50/s"},
                                        {"100/min", "100/min"},
                                        {"1000/h", "1000/h"},
                                        {"1/d", "1/d"},
                                        {"50/s burst 200", "50/s burst 200"},
                                        {"50/s  burst  1", "50/s burst 1"},
                                        {"50/s burst 50", "50/s"},
                                        {"0/s", "give a number from 1 and a time"},
                                        {"0", "give a number from 1 and a time"},
                                        {"-1/s", "give a number from 1 and a time"},
                                        {"50", "give a number from 1 and a time"},
                                        {"50/week", "give a number from 1 and a time"},
                                        {"50/", "give a number from 1 and a time"},
                                        {"1000001/s", "give a number from 1 and a time"},
                                        {"50/s burst 0", "give a burst of at least 1"},
                                        {"50/s burst", "give a burst of at least 1"},
                                        {"50/s bursts 5", "give a burst of at least 1"},
                                        {"", "give a number from 1 and a time"}}));
  CAPTURE(row.text);
  const auto rate = parse_rate(row.text);
  if (rate) {
    CHECK(to_text(*rate) == row.means);
    CHECK(*parse_rate(to_text(*rate)) == *rate);
  } else {
    CHECK(rate.error().text.find(row.means) == 0);
  }
}

TEST_CASE("loads have at most two decimals and are above zero") {
  CHECK(*parse_load("8") == 800);
  CHECK(*parse_load("8.0") == 800);
  CHECK(*parse_load("0.25") == 25);
  CHECK(*parse_load("0.5") == 50);
  for (const char* text : {"0", "0.0", "0.00", "-1", "1.", ".5", "1.234", "1,5", "x", "", "1e3"}) {
    CAPTURE(text);
    CHECK(!parse_load(text));
  }
  CHECK(load_to_text(800) == "8.0");
  CHECK(load_to_text(25) == "0.25");
  CHECK(load_to_text(1050) == "10.5");
}

TEST_CASE("a source is an address, or an IPv6 network of 64 bits, unless told otherwise") {
  const auto source = [](SourcePrefix prefix, const char* address) {
    return to_text(source_of(prefix, *parse_ip(address)));
  };
  CHECK(source({}, "192.0.2.1") == "192.0.2.1");
  CHECK(source({}, "::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(source({}, "2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(source({24, 48}, "192.0.2.1") == "192.0.2.0/24");
  CHECK(source({24, 48}, "2001:db8:1:2::1") == "2001:db8:1::/48");
  CHECK(source({}, "fe80::1%2") == "fe80::%2/64");
}
