// SPDX-License-Identifier: MIT
// The daemon's life: serve, listen to signals, drain, stop.
#pragma once

#include <memory>
#include <vector>

#include "superd/core/service.hpp"
#include "superd/os/signals.hpp"
#include "superd/server/listener.hpp"
#include "superd/server/session.hpp"

namespace superd {

class Server {
 public:
  /// `descriptors`: the RLIMIT_NOFILE that superd was started with. The reporter outlives the
  /// server.
  Server(const ServiceTable& table, std::vector<OpenSocket> sockets, const rlimit& descriptors,
         Reporter& reporter);
  ~Server();

  /// Serves until a signal has ended it and the last handler is gone. Returns how many wouldn't go
  /// even killed: then leave by _exit, for their connections are still in use here.
  std::size_t run();

 private:
  void open(std::vector<OpenSocket> sockets);
  awaitable<void> follow_signals();
  void obey(const ArrivedSignal& signal);
  void reopen_log(int signal);
  void end_sooner();
  awaitable<void> drain();
  awaitable<void> stop_handlers();
  Milliseconds longest_grace() const;

  const Daemon settings_;
  const rlimit descriptors_;
  Reporter& reporter_;
  Loop loop_{1};
  Headroom headroom_;
  Supervisor supervisor_;
  ClientWatch clients_;
  boost::asio::posix::stream_descriptor signals_;
  int terminations_ = 0;  // TERM or INT, so far
  Runtime runtime_;
  std::vector<HandlerPtr> handlers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace superd
