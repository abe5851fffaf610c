// SPDX-License-Identifier: MIT
// What keys do in top.
#include "superd/ctl/top_state.hpp"

#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;

using Words = std::vector<std::string>;

namespace {

// Three services and two connections, somebody in front of them.
struct Top {
  TopLook look =
      top_look({{"services",
                 {service_json("b", R"({"running":1})"),
                  service_json("a", R"({"running":5,"state":"paused"})"), service_json("c")}}},
               {{"connections", {connection_json(1), connection_json(2, R"({"age_ms":9000})")}}});
  TopState state;

  Top() { arrange(state, look); }
  TopAction press(TopKey key) { return superd::press(key, state, look, 10); }
};

}  // namespace

TEST_CASE("the selection moves within the rows") {
  Top top;
  CHECK(top.state.service == "a");
  top.press(TopKey::up);
  CHECK(top.state.service == "a");
  top.press(TopKey::down);
  CHECK(top.state.service == "b");
  top.press(TopKey::page_down);
  CHECK(top.state.service == "c");
  top.press(TopKey::first);
  CHECK(top.state.service == "a");
  top.press(TopKey::last);
  CHECK(top.state.service == "c");
}

TEST_CASE("the selection follows its service through another order and a new look") {
  Top top;
  top.press(TopKey::down);
  top.press(TopKey::sort);
  CHECK(std::string(service_order_name(top.state)) == "running");
  CHECK(top.look.services[0].name == "a");
  CHECK(top.state.service == "b");
  CHECK(top.state.service_row == 1);
  top.look.services.erase(top.look.services.begin() + 1);
  arrange(top.state, top.look);
  CHECK(top.state.service == "c");  // b has gone: the row stays
  top.look.services.clear();
  arrange(top.state, top.look);
  CHECK(top.state.service.empty());
  CHECK(top.press(TopKey::pause).words.empty());
}

TEST_CASE("p pauses a service, and resumes one that is paused") {
  Top top;
  CHECK(top.press(TopKey::pause).words == Words{"resume", "a"});
  top.press(TopKey::down);
  CHECK(top.press(TopKey::pause).words == Words{"pause", "b"});
  top.press(TopKey::pane);
  CHECK(top.press(TopKey::pause).words.empty());
  CHECK(!top.state.message.empty());
}

TEST_CASE("x asks before it stops a connection") {
  Top top;
  CHECK(top.press(TopKey::stop).words.empty());
  CHECK(!top.state.stops);
  top.press(TopKey::pane);
  CHECK(top.press(TopKey::stop).words.empty());
  REQUIRE(top.state.stops);
  CHECK(top.press(TopKey::yes).words == Words{"stop", "902"});  // the oldest is first
  CHECK(!top.state.stops);
}

TEST_CASE("any other key than y means no, q too") {
  for (const TopKey key : {TopKey::other, TopKey::quit, TopKey::stop}) {
    Top top;
    top.press(TopKey::pane);
    top.press(TopKey::stop);
    const TopAction action = top.press(key);
    CHECK(action.words.empty());
    CHECK(!action.quit);
    CHECK(!top.state.stops);
  }
}

TEST_CASE("a connection that ended before y is not stopped, whoever has its pid now") {
  Top top;
  top.press(TopKey::pane);
  top.press(TopKey::stop);
  top.look.connections[0].connection = 77;
  CHECK(top.press(TopKey::yes).words.empty());
  CHECK(top.state.message == "it has ended by itself");
}

TEST_CASE("help goes with any key, and q quits") {
  Top top;
  top.press(TopKey::help);
  CHECK(top.state.help);
  top.press(TopKey::down);
  CHECK(!top.state.help);
  CHECK(top.state.service == "a");
  CHECK(top.press(TopKey::quit).quit);
}
