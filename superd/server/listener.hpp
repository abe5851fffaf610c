// SPDX-License-Identifier: MIT
// One bound socket and the service it now belongs to. Thousands of them idle: an armed callback
// each, no coroutine.
#pragma once

#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "superd/os/unix_path.hpp"
#include "superd/server/doorman.hpp"
#include "superd/server/session.hpp"

namespace superd {

/// A socket that listens, before anyone serves on it.
struct OpenSocket {
  BindAddress address;  // as the kernel bound it
  UniqueFd socket;
  UnixPath path;  // removed at the end
};

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(OpenSocket open, HandlerPtr handler, Runtime& runtime);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Accepts whenever somebody knocks, as long as there is room. Once.
  void watch();
  /// Leaves whoever knocks in the backlog, until resume().
  void pause();
  void resume();
  /// From the next connection on; with `doorman`, it is told of who knocks, and nobody is accepted.
  void serve_with(HandlerPtr handler, DoormanPtr doorman = {});
  /// Leaves it to somebody else who has the socket, too, until give_back(): nobody who comes there
  /// wakes superd.
  void lend();
  void give_back();
  /// Nobody new gets in: those who wait are served still, as there is room, then the socket closes.
  void finish();
  bool has_finished() const { return !lent_ && !socket_.is_open(); }
  /// The path stays when this ends: somebody else keeps the socket.
  void keep_path() { path_.keep(); }

  const BindAddress& address() const { return address_; }
  int socket() { return lent_ ? lent_.get() : socket_.native_handle(); }

 private:
  void give_back_with_room(const std::string& why);
  void stop_watching();
  void end();
  void accept_waiting();
  void accept_soon();
  bool may_accept() const;
  bool accept_one();
  void wait_for_room();

  Runtime& runtime_;
  HandlerPtr handler_;
  BindAddress address_;
  UnixPath path_;
  /// With the loop's own executor: one of any kind takes a hundred bytes more.
  boost::asio::posix::basic_stream_descriptor<Loop::executor_type> socket_;
  UniqueFd lent_;       // the socket meanwhile
  DoormanPtr doorman_;  // absent: connections are accepted
  bool is_paused_ = false;
  bool waits_for_room_ = false;
  bool is_finishing_ = false;
};

}  // namespace superd
