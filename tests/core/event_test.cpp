// SPDX-License-Identifier: MIT
// Every event, line by line, in all three formats.
#include "superd/core/event.hpp"

#include <csignal>

#include "tests/catch.hpp"

using namespace superd;

namespace {

constexpr std::uint64_t megabyte = 1024 * 1024;

Run run(pid_t pid = 4711) {
  return {"hello",
          InetPeer{Transport::tcp, {*parse_ip("192.0.2.1"), 50212}, {*parse_ip("192.0.2.9"), 79}},
          7, pid};
}

Run local_run() { return {"hello", UnixPeer{1000, 100, 4712, {"/run/x", false}}, 8, 4711}; }

// As wait(2) gives it.
constexpr int exited(int code) { return code << 8; }
constexpr int killed(int signal) { return signal; }
constexpr int dumped(int signal) { return signal | 0x80; }

Exit exit_of(int status, Stop stop = Stop::none, bool is_bound = false) {
  return {status, Milliseconds(1500), Milliseconds(12), 12 * megabyte, is_bound, stop};
}

}  // namespace

TEST_CASE("events as text") {
  struct Row {
    Event event;
    std::string line;
  };
  const Row row = GENERATE(values<Row>({
      {Listening{"hello", "127.0.0.1:79"}, "service 'hello': listening on 127.0.0.1:79"},
      {Started{run()}, "service 'hello': started pid=4711 peer=192.0.2.1:50212 connection=7"},
      {Started{local_run()},
       "service 'hello': started pid=4711 peer=uid:1000,pid:4712 connection=8"},
      {Ended{run(), exit_of(exited(0))},
       "service 'hello': ended pid=4711 peer=192.0.2.1:50212 connection=7 exit=0 duration=1.5s "
       "cpu=12ms memory=12M"},
      {Ended{run(), exit_of(exited(255), Stop::none, true)},
       "service 'hello': ended pid=4711 peer=192.0.2.1:50212 connection=7 exit=255 duration=1.5s "
       "cpu=12ms memory<=12M"},
      {Ended{run(), exit_of(killed(SIGKILL), Stop::timeout)},
       "service 'hello': ended pid=4711 peer=192.0.2.1:50212 connection=7 signal=KILL "
       "duration=1.5s cpu=12ms memory=12M stopped=timeout"},
      {Ended{run(), exit_of(exited(0), Stop::client_gone)},
       "service 'hello': ended pid=4711 peer=192.0.2.1:50212 connection=7 exit=0 duration=1.5s "
       "cpu=12ms memory=12M stopped=client-gone"},
      {Ended{run(), exit_of(dumped(SIGSEGV), Stop::shutdown)},
       "service 'hello': ended pid=4711 peer=192.0.2.1:50212 connection=7 signal=SEGV "
       "duration=1.5s cpu=12ms memory=12M stopped=shutdown"},
      {ForwardEnded{run(), {7, 10, 2048, RelayEnd::closed, 0, "127.0.0.1:80"}, Milliseconds(1500)},
       "service 'hello': forwarded pid=4711 peer=192.0.2.1:50212 connection=7 to=127.0.0.1:80 "
       "end=closed in=10 out=2048 duration=1.5s"},
      {ForwardEnded{run(),
                    {7, 0, 0, RelayEnd::no_upstream, ECONNREFUSED, "unix:/run/a\nb"},
                    Milliseconds(1),
                    Stop::shutdown},
       "service 'hello': forwarded pid=4711 peer=192.0.2.1:50212 connection=7 to=unix:/run/a\\nb "
       "end=no-upstream in=0 out=0 duration=1ms error='Connection refused' stopped=shutdown"},
      {LaunchFailed{run(), "exec", ENOENT},
       "service 'hello': step 'exec' failed: No such file or directory pid=4711 "
       "peer=192.0.2.1:50212 connection=7"},
      {LaunchFailed{run(0), "clone", EAGAIN},
       "service 'hello': step 'clone' failed: Resource temporarily unavailable pid=0 "
       "peer=192.0.2.1:50212 connection=7"},
      {StderrLine{"hello", "fine", false}, "service 'hello': stderr: fine"},
      {StderrLine{"hello", "", false}, "service 'hello': stderr: "},
      {StderrLine{"hello", "long", true}, "service 'hello': stderr: long [line cut]"},
      {Paused{"Too many open files"},
       "superd: listeners paused: Too many open files; new connections wait in the backlog"},
      {Resumed{Milliseconds(2000)}, "superd: listeners resumed after 2s"},
      {LinesDropped{12}, "superd: dropped 12 log lines"},
      {Ready{1, 2}, "superd: ready, 1 service, 2 listeners"},
      {Draining{2, Milliseconds(90000)}, "superd: draining: 2 handlers may finish within 1min 30s"},
      {Draining{1, Milliseconds(30000)}, "superd: draining: 1 handler may finish within 30s"},
      {Draining{0, Milliseconds(90000)}, "superd: draining: no handler is running"},
      {Stopped{}, "superd: stopped"},
      {Notice{LogLevel::warning, "beware"}, "superd: beware"},
  }));
  CHECK(to_text(row.event) == row.line);
}

TEST_CASE("events as JSON") {
  struct Row {
    Event event;
    std::string members;
  };
  const std::string tcp =
      R"("service":"hello","connection":7,"pid":4711,"peer_address":"192.0.2.1","peer_port":50212)";
  const std::string cost = R"("duration_ms":1500,"cpu_ms":12,"peak_memory":12582912)";
  const Row rows[] = {
      {Listening{"hello", "127.0.0.1:79"},
       R"("event":"listening","service":"hello","address":"127.0.0.1:79"})"},
      {Started{run()}, R"("event":"started",)" + tcp + "}"},
      {Started{local_run()},
       R"("event":"started","service":"hello","connection":8,"pid":4711,"peer_uid":1000,)"
       R"("peer_gid":100,"peer_pid":4712})"},
      {Started{{"hello", VsockPeer{3, 1024, {}}, 9, 4711}},
       R"("event":"started","service":"hello","connection":9,"pid":4711,"peer_cid":3,)"
       R"("peer_port":1024})"},
      {Ended{run(), exit_of(exited(3))},
       R"("event":"ended",)" + tcp + R"(,"exit":3,)" + cost + "}"},
      {Ended{run(), exit_of(exited(0), Stop::none, true)},
       R"("event":"ended",)" + tcp +
           R"(,"exit":0,"duration_ms":1500,"cpu_ms":12,"peak_memory_at_most":12582912})"},
      {Ended{run(), exit_of(killed(SIGTERM), Stop::shutdown)},
       R"("event":"ended",)" + tcp + R"(,"signal":"TERM",)" + cost + R"(,"stopped":"shutdown"})"},
      {LaunchFailed{run(), "exec", EACCES},
       R"("event":"launch_failed",)" + tcp + R"(,"step":"exec","error":"Permission denied"})"},
      {LaunchFailed{run(0), "clone", ENOMEM},
       R"("event":"launch_failed","service":"hello","connection":7,"peer_address":"192.0.2.1",)"
       R"("peer_port":50212,"step":"clone","error":"Cannot allocate memory"})"},
      {StderrLine{"hello", "fine", false}, R"("event":"stderr","service":"hello","text":"fine"})"},
      {StderrLine{"hello", "long", true},
       R"("event":"stderr","service":"hello","text":"long","cut":true})"},
      {Paused{"Too many open files"}, R"("event":"paused","reason":"Too many open files"})"},
      {Resumed{Milliseconds(2000)}, R"("event":"resumed","after_ms":2000})"},
      {LinesDropped{12}, R"("event":"lines_dropped","count":12})"},
      {Ready{1, 2}, R"("event":"ready","services":1,"listeners":2})"},
      {Draining{3, Milliseconds(30000)}, R"("event":"draining","running":3,"deadline_ms":30000})"},
      {Stopped{}, R"("event":"stopped"})"},
      {Notice{LogLevel::info, "say \"hi\""}, R"("event":"notice","text":"say \"hi\""})"},
  };
  for (const Row& row : rows) CHECK(to_json(row.event) == row.members);
}

TEST_CASE("events as xinetd writes them, and the others as text") {
  struct Row {
    Event event;
    std::string line;
  };
  const Row row = GENERATE(values<Row>({
      {Started{run()}, "START: hello pid=4711 from=192.0.2.1"},
      {Started{local_run()}, "START: hello pid=4711 from=<no address>"},
      {Ended{run(), exit_of(exited(2))}, "EXIT: hello status=2 pid=4711 duration=1(sec)"},
      {ForwardEnded{run(), {7, 1, 2, RelayEnd::closed, 0, {}}, Milliseconds(1500)},
       "EXIT: hello status=0 pid=4711 duration=1(sec)"},
      {ForwardEnded{run(), {7, 1, 2, RelayEnd::idle, 0, {}}, Milliseconds(1500)},
       "EXIT: hello status=1 pid=4711 duration=1(sec)"},
      {Ended{run(), exit_of(killed(SIGTERM), Stop::timeout)},
       "EXIT: hello signal=15 pid=4711 duration=1(sec)"},
      {LaunchFailed{run(), "exec", ENOENT}, "FAIL: hello fork from=192.0.2.1"},
      {Listening{"hello", "*:79"}, "service 'hello': listening on *:79"},
      {StderrLine{"hello", "a\nb", false}, "service 'hello': stderr: a\\nb"},
      {Stopped{}, "superd: stopped"},
  }));
  CHECK(to_xinetd(row.event) == row.line);
}

TEST_CASE("refusals and bans in all formats") {
  const Place place{std::make_shared<const std::string>("t.yaml"), 9, 0};
  const Refused refused{"hello", run().peer, {Reason::address, "deny 192.0.2.0/24", place}};
  CHECK(to_text(Event(refused)) ==
        "service 'hello': refused peer=192.0.2.1:50212 address: deny 192.0.2.0/24 (t.yaml:9)");
  CHECK(to_json(Event(refused)) ==
        R"("event":"refused","service":"hello","peer_address":"192.0.2.1","peer_port":50212,)"
        R"("reason":"address","rule":"deny 192.0.2.0/24","place":"t.yaml:9"})");
  CHECK(to_xinetd(Event(refused)) == "FAIL: hello address from=192.0.2.1");
  const RefusedMore more{"hello", "2001:db8::/64", Reason::rate_per_source, 41};
  CHECK(to_text(Event(more)) ==
        "service 'hello': refused 41 more from=2001:db8::/64 rate_per_source");
  CHECK(to_json(Event(more)) ==
        R"("event":"refused_more","service":"hello","source":"2001:db8::/64",)"
        R"("reason":"rate_per_source","count":41})");
  const Network network = parse_network("192.0.2.1")->network;
  CHECK(to_text(Event(Banned{"telnet", network, "trap", Milliseconds(1'800'000)})) ==
        "service 'telnet': banned 192.0.2.1 for 30min: trap");
  CHECK(to_text(Event(Banned{"", network, "a\nb", Milliseconds(60'000)})) ==
        "superd: banned 192.0.2.1 for 1min: a\\nb");
  CHECK(to_json(Event(Banned{"telnet", network, "trap", Milliseconds(1000)})) ==
        R"("event":"banned","service":"telnet","network":"192.0.2.1","reason":"trap",)"
        R"("lasts_ms":1000})");
  CHECK(to_text(Event(Unbanned{network, false})) == "superd: ban of 192.0.2.1 is over");
  CHECK(to_json(Event(Unbanned{network, true})) ==
        R"("event":"unbanned","network":"192.0.2.1","by_hand":true})");
}

TEST_CASE("xinetd's word for each reason") {
  const char* words[] = {"address",
                         "address",
                         "address",
                         "libwrap",
                         "time",
                         "load",
                         "process_limit",
                         "service_limit",
                         "per_source_limit",
                         "connections per second",
                         "connections per second"};
  for (std::size_t i = 0; i < std::size(words); ++i) {
    const Refused refused{"x", run().peer, {static_cast<Reason>(i), "", {}}};
    CHECK(to_xinetd(Event(refused)) == "FAIL: x " + std::string(words[i]) + " from=192.0.2.1");
  }
}

TEST_CASE("what a handler says can't forge a line") {
  struct Row {
    std::string said;
    std::string text;
    std::string json;
  };
  const Row row = GENERATE(values<Row>({
      {"a\nservice 'x': b", "a\\nservice 'x': b", R"(a\nservice 'x': b)"},
      {"\x1B[31m\r\t", "\\x1b[31m\\r\\t", R"(\u001b[31m\r\t)"},
      {std::string("nul\0", 4), "nul\\x00", R"(nul\u0000)"},
      {"back\\slash \"quoted\"", "back\\\\slash \"quoted\"", R"(back\\slash \"quoted\")"},
      {"\xFF\xFE", "\\xff\\xfe", R"(\ufffd\ufffd)"},
      {"cut\xE2\x82", "cut\\xe2\\x82", R"(cut\ufffd)"},
      {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", R"(gr\u00fc\u00df)"},
  }));
  const Event event = StderrLine{"hello", row.said, false};
  CHECK(to_text(event) == "service 'hello': stderr: " + row.text);
  CHECK(to_json(event) == R"("event":"stderr","service":"hello","text":")" + row.json + "\"}");
}

TEST_CASE("each event has its level") {
  struct Row {
    Event event;
    LogLevel level;
  };
  const Row row = GENERATE(values<Row>({
      {Listening{}, LogLevel::info},
      {Started{run()}, LogLevel::info},
      {Ended{run(), exit_of(killed(SIGSEGV))}, LogLevel::info},
      {LaunchFailed{run(), "exec", ENOENT}, LogLevel::error},
      {StderrLine{}, LogLevel::info},
      {Paused{}, LogLevel::warning},
      {Resumed{}, LogLevel::info},
      {LinesDropped{}, LogLevel::warning},
      {Ready{}, LogLevel::info},
      {Draining{}, LogLevel::info},
      {Stopped{}, LogLevel::info},
      {Notice{LogLevel::debug, ""}, LogLevel::debug},
      {Notice{LogLevel::error, ""}, LogLevel::error},
  }));
  CAPTURE(to_text(row.event));
  CHECK(level_of(row.event) == row.level);
}

TEST_CASE("signals have their names, and those without one a number") {
  CHECK(signal_name(SIGTERM) == "TERM");
  CHECK(signal_name(SIGKILL) == "KILL");
  CHECK(signal_name(63) == "SIG63");
  CHECK(signal_name(0) == "SIG0");
}

TEST_CASE("reasons for stopping have names") {
  CHECK(name_of(Stop::none) == std::string());
  CHECK(name_of(Stop::timeout) == std::string("timeout"));
  CHECK(name_of(Stop::client_gone) == std::string("client-gone"));
  CHECK(name_of(Stop::shutdown) == std::string("shutdown"));
  CHECK(name_of(Stop::idle) == std::string("idle"));
}
