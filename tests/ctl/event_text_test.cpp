// SPDX-License-Identifier: MIT
// Events, known and unknown, as lines.
#include "superd/ctl/event_text.hpp"

#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;

TEST_CASE("an event reads like a line of the log") {
  struct Row {
    const char* event;
    const char* text;
  };
  const Row row = GENERATE(values<Row>({
      {R"({"event":"listening","service":"hello","address":"127.0.0.1:7001"})",
       "service 'hello': listening address=127.0.0.1:7001"},
      {R"({"event":"ended","service":"hello","connection":7,"pid":4711,"peer_address":"::1",
           "peer_port":5,"exit":0,"duration_ms":1500,"cpu_ms":1,"peak_memory":1048576})",
       "service 'hello': ended connection=7 pid=4711 peer=[::1]:5 exit=0 duration=1.5s cpu=1ms "
       "memory=1M"},
      {R"({"event":"started","service":"a","peer_cid":3,"peer_port":1024})",
       "service 'a': started peer=vsock:3:1024"},
      {R"({"event":"ended","service":"a","peak_memory_at_most":2048})",
       "service 'a': ended memory<=2K"},
      {R"({"event":"launch_failed","service":"a","step":"exec","error":"No such file"})",
       "service 'a': launch failed step=exec error='No such file'"},
      {R"({"event":"stderr","service":"a","text":"x\u001b[2J\ny"})",
       "service 'a': stderr: x\\x1b[2J\\ny"},
      {R"({"event":"notice","text":"well then"})", "superd: well then"},
      {R"({"event":"reloaded","added":["b"],"kept":4})", "superd: reloaded added=[\"b\"] kept=4"},
      {R"({"event":"of_later","service":"a","new\n":null})", "service 'a': of later new\\n=null"},
  }));
  Json event = json(R"({"time":"2026-11-22T10:00:00.250+0000","level":"info"})");
  event.update(json(row.event));
  CHECK(event_text(event) == std::string("2026-11-22 10:00:00.250 info ") + row.text);
}

TEST_CASE("an object that is no event is a line all the same") {
  CHECK_NOTHROW(event_text(json("{}")));
}
