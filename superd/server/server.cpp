// SPDX-License-Identifier: MIT
// One loop, one thread. Signals are read like everything else.
#include "superd/server/server.hpp"

#include <csignal>
#include <stdexcept>

#include "superd/os/signals.hpp"

namespace superd {
namespace {

// What the kernel may take to end a killed process; one stuck in a dead disk is left to it.
constexpr std::chrono::seconds after_kill{5};

int signal_source() {
  auto fd = signal_descriptor();
  if (!fd) throw std::runtime_error(fd.error().text);
  return fd->release();
}

}  // namespace

Server::Server(const ServiceTable& table, std::vector<OpenSocket> sockets,
               const rlimit& descriptors, Reporter& reporter)
    : settings_(table.daemon),
      descriptors_(descriptors),
      reporter_(reporter),
      headroom_(loop_, reporter, table.daemon.instances),
      supervisor_(loop_),
      clients_(loop_),
      signals_(loop_, signal_source()),
      runtime_{loop_,
               reporter,
               headroom_,
               supervisor_,
               clients_,
               [&reporter](const char* task, const std::string& why) {
                 reporter.report(Notice{
                     LogLevel::error, "a bug: the task '" + std::string(task) + "' died: " + why});
               },
               0,
               false,
               {}} {
  open(std::move(sockets));
}

Server::~Server() = default;

// Sockets come in the order of their services: one handler serves all of a service's.
void Server::open(std::vector<OpenSocket> sockets) {
  ServicePtr current;
  for (OpenSocket& socket : sockets) {
    if (socket.service != current) {
      current = socket.service;
      handlers_.push_back(std::make_shared<Handler>(current, descriptors_));
    }
    reporter_.report(Listening{current->name, to_text(socket.address)});
    listeners_.push_back(std::make_unique<Listener>(std::move(socket), handlers_.back(), runtime_));
  }
}

std::size_t Server::run() {
  spawn(loop_, "follow signals", follow_signals(), runtime_.died);
  for (const auto& listener : listeners_) listener->watch();
  reporter_.report(Ready{handlers_.size(), listeners_.size()});
  loop_.run();
  for (const HandlerPtr& handler : handlers_) handler->drain_log();
  reporter_.report(Stopped{});
  return headroom_.running();
}

awaitable<void> Server::follow_signals() {
  for (;;) {
    const bool more = co_await readable(signals_);
    if (!more) co_return;
    for (const ArrivedSignal& one : arrived_signals(signals_.native_handle())) obey(one);
  }
}

void Server::obey(const ArrivedSignal& signal) {
  switch (signal.number) {
    case SIGCHLD:
      return supervisor_.learn_of_end(signal.child);
    case SIGTERM:
    case SIGINT:
      return end_sooner();
    case SIGHUP:
      reporter_.report(Notice{LogLevel::warning,
                              "HUP: this version can't reload its table yet; restart it for that"});
      return reopen_log(signal.number);
    case SIGUSR1:
      return reopen_log(signal.number);
    default:
      reporter_.report(Notice{LogLevel::warning,
                              signal_name(signal.number) + ": this version has no use for it yet"});
  }
}

void Server::reopen_log(int signal) {
  const auto reopened = reporter_.reopen();
  const std::string name = signal_name(signal);
  if (!reopened)
    reporter_.report(
        Notice{LogLevel::error, name + ": " + reopened.error().text + "; the old one goes on"});
  else if (*reopened)
    reporter_.report(Notice{LogLevel::info, name + ": log file opened anew"});
}

// The first asks to finish, the second to stop, the third doesn't ask.
void Server::end_sooner() {
  ++terminations_;
  if (terminations_ == 1) spawn(loop_, "drain", drain(), runtime_.died);
  if (terminations_ == 2) headroom_.idle().ring();
  if (terminations_ >= 3) supervisor_.kill_all();
}

awaitable<void> Server::drain() {
  reporter_.report(Draining{headroom_.running(), settings_.stop_after});
  headroom_.close();
  listeners_.clear();
  const auto deadline = Clock::now() + settings_.stop_after;
  while (headroom_.running() > 0 && Clock::now() < deadline && terminations_ < 2)
    co_await headroom_.idle().sleep_until(deadline);
  co_await stop_handlers();
  loop_.stop();
}

awaitable<void> Server::stop_handlers() {
  runtime_.is_stopping = true;
  supervisor_.stop_all(Stop::shutdown);
  for (Alarm* held : runtime_.held) held->ring();
  const auto deadline = Clock::now() + longest_grace() + after_kill;
  while (headroom_.running() > 0 && Clock::now() < deadline)
    co_await headroom_.idle().sleep_until(deadline);
}

Milliseconds Server::longest_grace() const {
  Milliseconds longest{0};
  for (const HandlerPtr& handler : handlers_)
    longest = std::max(longest, handler->process().stop_grace);
  return longest;
}

}  // namespace superd
