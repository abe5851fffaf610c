// SPDX-License-Identifier: MIT
// One bound socket and the service it belongs to. Thousands of them idle: an armed callback each,
// no coroutine.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "superd/os/unix_path.hpp"
#include "superd/server/session.hpp"

namespace superd {

/// A socket that listens, before anyone serves on it. `service` and the address it was asked for
/// are the table's.
struct OpenSocket {
  ServicePtr service;
  BindAddress address;  // as the kernel bound it
  UniqueFd socket;
  UnixPath path;  // removed at the end
};

class Listener {
 public:
  Listener(OpenSocket open, HandlerPtr handler, Runtime& runtime);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Accepts whenever somebody knocks, as long as there is room.
  void watch();
  const BindAddress& address() const { return address_; }

 private:
  void accept_waiting();
  bool accept_one();
  void wait_for_room();

  Runtime& runtime_;
  HandlerPtr handler_;
  BindAddress address_;
  UnixPath path_;
  boost::asio::posix::stream_descriptor socket_;
};

}  // namespace superd
