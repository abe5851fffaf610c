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
  /// The same at the loop's next turn, unless it has been lent by then: to wait makes it
  /// non-blocking, and a program that got it from an earlier superd expects it to block.
  void watch_soon();
  /// Leaves whoever knocks in the backlog, until resume().
  void pause();
  void resume();
  /// From the next connection on; with `doorman`, it is told of who knocks, and nobody is accepted.
  void serve_with(HandlerPtr handler, DoormanPtr doorman = {});
  /// Leaves it to programs that have the socket, too, until it is given back as often: nobody who
  /// comes there wakes superd.
  void lend();
  void give_back();
  /// Nobody new gets in: those who wait are served still, as there is room, then the socket closes.
  void finish();
  bool has_finished() const { return !lent_ && !socket_.is_open(); }
  /// Whether somebody who knocks now may be let in: nobody has paused it, and there is room.
  bool lets_in() const { return !is_paused_ && !is_finishing_ && may_accept(); }
  /// The path stays when this ends: somebody else keeps the socket.
  void keep_path() { path_.keep(); }

  const BindAddress& address() const { return address_; }
  int socket() { return lent_ ? lent_.get() : socket_.native_handle(); }

 private:
  void take_back();
  void take_back_with_room(const std::string& why);
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
  unsigned times_lent_ = 0;
  bool is_paused_ = false;
  bool waits_for_room_ = false;
  bool is_finishing_ = false;
};

}  // namespace superd
