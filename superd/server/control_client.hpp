// SPDX-License-Identifier: MIT
// One client of the control socket: a line from it, an answer to it, both within their time and
// without blocking. Knows no commands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "superd/core/control_access.hpp"
#include "superd/io/task.hpp"
#include "superd/os/fd.hpp"
#include "superd/server/control_reply.hpp"
#include "superd/server/feed.hpp"

namespace superd {

/// How long clients may take.
struct ControlPatience {
  Milliseconds to_ask{5000};    // from connect to the request's end
  Milliseconds to_take{10000};  // without taking anything of an answer
};

class ControlClient : public std::enable_shared_from_this<ControlClient> {
 public:
  ControlClient(Loop& loop, UniqueFd socket, ControlCaller caller, ControlPatience patience);

  const ControlCaller& caller() const { return caller_; }
  int descriptor() { return socket_.native_handle(); }
  /// Its request isn't there yet.
  bool is_asking() const { return is_asking_ && !is_cut_; }
  bool is_cut() const { return is_cut_; }
  Clock::time_point since() const { return since_; }

  /// The first line, without its end; the end of what the client sends is one, too. What comes
  /// after is not looked at. Error: what to tell the client, empty where nobody is there.
  awaitable<Result<std::string>> request();

  /// False: the client is gone, or has not taken it in time.
  awaitable<bool> send(std::string text);

  /// The remembered events, and where `follows` what happens until the client goes or end().
  awaitable<void> send_events(Feed& feed, Feed::Filter filter, bool follows);

  /// Tells it without waiting: a short answer, before it has been sent anything.
  void say(const ControlReply& reply);

  /// Nothing is waited for any more. `why` is for a client that is still asking.
  void cut(std::string why);
  /// A follower gets what there is for it, and no more.
  void end();
  /// Takes what the client still sent, so that closing doesn't throw away what it was told.
  void discard_rest();

 private:
  std::optional<Result<std::string>> read_line();
  awaitable<void> follow(Feed::Follower& follower);
  void watch_for_hang_up();
  void expire_after(Milliseconds time, std::string why);
  void expire_never();

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer deadline_;
  Alarm news_;  // for a follower: events, or the end
  const ControlCaller caller_;
  const ControlPatience patience_;
  const Clock::time_point since_ = Clock::now();
  std::string seen_;  // of the request
  std::string why_cut_;
  bool is_asking_ = true;
  bool is_cut_ = false;
  bool is_ending_ = false;
};

using ControlClientPtr = std::shared_ptr<ControlClient>;

}  // namespace superd
