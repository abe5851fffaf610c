// SPDX-License-Identifier: MIT
// top's screen, at the sizes that terminals have.
#include "superd/ctl/top_page.hpp"

#include <algorithm>

#include "superd/ctl/text.hpp"
#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;

namespace {

TopLook many_services(int count) {
  Json services = Json::array();
  for (int i = 0; i < count; ++i)
    services.push_back(service_json("service-" + std::to_string(1000 + i)));
  return top_look({{"daemon", daemon_json()}, {"services", services}},
                  {{"connections", {connection_json(1)}}});
}

std::string shown(const std::vector<TopLine>& page) {
  std::string text;
  for (const TopLine& line : page) text += line.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("a page is as high as the screen and no wider, whatever its size") {
  TopLook look = many_services(100);
  TopState state;
  arrange(state, look);
  struct Size {
    std::size_t width, height;
  };
  const Size size = GENERATE(
      values<Size>({{80, 24}, {132, 50}, {40, 10}, {20, 5}, {1, 1}, {80, 0}, {0, 24}, {500, 200}}));
  CAPTURE(size.width, size.height);
  for (const bool help : {false, true}) {
    state.help = help;
    const auto page = top_page(look, state, size.width, size.height);
    CHECK(page.size() == size.height);
    for (const TopLine& line : page) CHECK(columns_of(line.text) <= size.width);
  }
}

TEST_CASE("at 80 by 24 all columns are there") {
  TopLook look = many_services(2);
  TopState state;
  arrange(state, look);
  const std::string text = shown(top_page(look, state, 80, 24));
  for (const char* word : {"superd 0.1.0", "SERVICE", "STATE", "RUN", "START/S", "REF/S", "STARTED",
                           "REFUSED", "FAILED", "ADDRESS", "service-1001", "q quit"}) {
    CAPTURE(word);
    CHECK_THAT(text, Catch::Contains(word));
  }
}

TEST_CASE("the selected row is always among those shown") {
  TopLook look = many_services(100);
  TopState state;
  arrange(state, look);
  for (int i = 0; i < 60; ++i) press(TopKey::down, state, look, 18);
  const auto page = top_page(look, state, 80, 24);
  const auto selected = std::find_if(page.begin(), page.end(), [](const TopLine& line) {
    return line.style == TopStyle::selected;
  });
  REQUIRE(selected != page.end());
  CHECK_THAT(selected->text, Catch::StartsWith("service-1060"));
}

TEST_CASE("a superd that is gone, a question and a message are shown") {
  TopLook look = many_services(1);
  TopState state;
  state.pane = TopPane::connections;
  arrange(state, look);
  state.lost = "no superd is there";
  state.stops = look.connections[0];
  std::string text = shown(top_page(look, state, 80, 24));
  CHECK_THAT(text, Catch::Contains("trying again: no superd is there"));
  CHECK_THAT(text, Catch::Contains("stop pid 901 of 'hello', peer 127.0.0.1:50212? y/n"));
  state.stops.reset();
  state.message = "stop 901: done";
  CHECK_THAT(shown(top_page(look, state, 80, 24)), Catch::Contains("stop 901: done"));
}

TEST_CASE("what strangers supplied can't draw on the page") {
  TopLook look = top_look(
      {{"daemon", daemon_json(R"({"paused":"\u001b[2J"})")},
       {"services", {service_json("\x1b]0;x\x07")}}},
      {{"connections", {connection_json(1, R"({"peer":"\u001b[2J","service":"\u0007"})")}}});
  TopState state;
  arrange(state, look);
  for (const TopPane pane : {TopPane::services, TopPane::connections}) {
    state.pane = pane;
    const std::string text = shown(top_page(look, state, 80, 24));
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
  }
}
