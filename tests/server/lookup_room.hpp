// SPDX-License-Identifier: MIT
// A loop, a supervisor, a log, and a made-up superd-lookup whose answer depends on the question.
#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <vector>

#include "superd/os/descriptors.hpp"
#include "superd/os/signals.hpp"
#include "superd/server/lookups.hpp"
#include "tests/os/launching.hpp"
#include "tests/server/log_file.hpp"

namespace superd {

/// Each question is written to the file `asked` beside it. By the address's second number: 0 is
/// answered, 1 tells what it was started with, 2 has no names, 3 fails, 4 gets an answer of another
/// kind, 5 gets nonsense, 6 ends it, 7 stops it, 8 ends its side of the conversation, 9 is never
/// answered.
inline const char* const made_up_lookup = R"(#!/usr/bin/python3
import os, resource, signal, socket, sys
conversation = socket.socket(fileno=0)
while message := conversation.recv(512).decode():
  with open(os.path.dirname(__file__) + "/asked", "a") as asked:
    asked.write(message + "\n")
  number, kind, what = message.split(" ")[:3]
  if kind == "hosts_access":
    conversation.send(f"{number} {what}".encode())
    continue
  case = what.split(".")[1] if "." in what else "0"
  if case == "1":
    print("descriptors", *sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:3],
          "core", resource.getrlimit(resource.RLIMIT_CORE)[1], "in", os.getcwd(),
          "search", os.environ["LOCALDOMAIN"], file=sys.stderr, flush=True)
  if case == "6":
    os.kill(os.getpid(), signal.SIGKILL)
  if case == "7":
    os.kill(os.getpid(), signal.SIGSTOP)
  if case == "8":
    conversation.shutdown(socket.SHUT_RDWR)
    signal.pause()
  if case != "9":
    conversation.send((number + {"2": " names", "3": " failed", "4": " allowed", "5": " huh"}.get(
        case, " names host.example.org")).encode())
)";

struct LookupRoom {
  BlockedSignals blocked;
  rlimit descriptors = raise_descriptor_limit();
  Scratch scratch;
  LogFile log;
  TaskDied died = [](const char*, const std::string& why) { throw std::runtime_error(why); };
  HandlerLogs logs;
  Loop loop;
  Supervisor supervisor{loop};
  boost::asio::posix::stream_descriptor signals{loop, signal_descriptor().value().release()};
  Lookups lookups;

  explicit LookupRoom(const LookupLimits& limits = {})
      : lookups({loop, log.reporter(), supervisor, logs, died},
                lookup_handler(scratch.file("superd-lookup", made_up_lookup, 0755), std::nullopt,
                               descriptors),
                limits) {
    spawn(loop, "follow", follow(), died);
  }
  ~LookupRoom() {
    lookups.close();
    comes_true([&] {
      loop.poll();
      siginfo_t info{};
      return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0;  // nobody is left
    });
  }

  HandlerPtr another(const std::string& program) {
    return lookup_handler(program, std::nullopt, descriptors);
  }

  /// An answer that may still be missing.
  template <class Answer>
  using Coming = std::shared_ptr<std::optional<Answer>>;

  Coming<NameAnswer> ask(const std::string& address) {
    auto coming = std::make_shared<std::optional<NameAnswer>>();
    spawn(loop, "ask", ask_names(*parse_ip(address), coming), died);
    return coming;
  }
  Coming<HostsAccessAnswer> ask_hosts_access(const std::string& name, const Peer& peer) {
    auto coming = std::make_shared<std::optional<HostsAccessAnswer>>();
    spawn(loop, "ask", ask_verdict(name, peer, coming), died);
    return coming;
  }

  template <class Condition>
  bool until(Condition holds) {
    return comes_true([&] {
      loop.poll();
      return holds();
    });
  }
  template <class Answer>
  Answer answer(const Coming<Answer>& coming) {
    if (!until([&] { return coming->has_value(); })) throw std::runtime_error("no end");
    return **coming;
  }
  NameAnswer names_of(const std::string& address) { return answer<NameAnswer>(ask(address)); }

  /// Whether it has no answer at once, without a question.
  bool is_refused(const std::string& address) {
    const auto before = lookups.counts().refused;
    const auto coming = ask(address);
    loop.poll();
    return coming->has_value() && !**coming && lookups.counts().refused == before + 1;
  }

  /// How often the log has it, so far: asks for a line that comes after all that is there.
  std::size_t times_logged(const std::string& text) {
    const bool is_all_there = names_of("10.1.99.99") && log.shows("descriptors 0 1 2");
    if (!is_all_there) throw std::runtime_error("no log");
    const std::string all = text_of(log.path());
    std::size_t times = 0;
    for (std::size_t at = 0; (at = all.find(text, at)) != all.npos; ++at) ++times;
    return times;
  }

  /// The questions that got as far as superd-lookup.
  std::vector<std::string> asked() {
    std::istringstream text(text_of(scratch / "asked"));
    std::vector<std::string> all;
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }

 private:
  awaitable<void> ask_names(IpAddress address, Coming<NameAnswer> coming) {
    const NameAnswer answer = co_await lookups.names_of(address);
    *coming = answer;
  }
  awaitable<void> ask_verdict(std::string name, Peer peer, Coming<HostsAccessAnswer> coming) {
    const HostsAccessAnswer answer = co_await lookups.hosts_access(name, peer);
    *coming = answer;
  }
  awaitable<void> follow() {
    for (;;) {
      const bool more = co_await readable(signals);
      if (!more) co_return;
      for (const ArrivedSignal& one : arrived_signals(signals.native_handle()))
        if (one.number == SIGCHLD) supervisor.learn_of_end(one.child);
    }
  }
};

}  // namespace superd
