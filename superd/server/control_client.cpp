// SPDX-License-Identifier: MIT
// Reading a line, writing an answer, following the feed.
#include "superd/server/control_client.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "superd/base/number.hpp"
#include "superd/core/control_request.hpp"

namespace superd {

ControlClient::ControlClient(Loop& loop, UniqueFd socket, ControlCaller caller,
                             ControlPatience patience)
    : socket_(loop), deadline_(loop), news_(loop), caller_(std::move(caller)), patience_(patience) {
  boost::system::error_code unwatched;  // the kernel may be short of memory for one more
  socket_.assign(socket.get(), unwatched);
  is_cut_ = unwatched.failed();
  if (!is_cut_) socket.release();
}

awaitable<Result<std::string>> ControlClient::request() {
  expire_after(patience_.to_ask, "no request came within " + duration_to_text(patience_.to_ask));
  std::optional<Result<std::string>> line;
  while (!is_cut_) {
    line = read_line();
    if (line) break;
    co_await readable(socket_);
  }
  expire_never();
  is_asking_ = false;
  if (!line) co_return Error{why_cut_};
  co_return std::move(*line);
}

// Absent: more is to come.
std::optional<Result<std::string>> ControlClient::read_line() {
  std::array<char, 4096> bytes;
  using Line = Result<std::string>;
  for (;;) {
    const ssize_t n = recv(descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n < 0 || (n == 0 && seen_.empty())) return Line(Error{});
    if (n == 0) return Line(boost::system::in_place_value, std::move(seen_));
    const std::string_view part(bytes.data(), static_cast<std::size_t>(n));
    const std::size_t end = part.find('\n');
    seen_ += part.substr(0, end);
    if (seen_.size() > longest_control_request) return Line(Error{"a request has at most 64 KiB"});
    if (end != std::string_view::npos) return Line(boost::system::in_place_value, std::move(seen_));
  }
}

awaitable<bool> ControlClient::send(std::string text) {
  is_asking_ = false;
  std::string_view rest = text;
  expire_after(patience_.to_take, {});
  while (!is_cut_ && !rest.empty()) {
    const ssize_t n = ::send(descriptor(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
      expire_after(patience_.to_take, {});
    } else if (errno == EAGAIN) {
      co_await writable(socket_);
    } else if (errno != EINTR) {
      break;
    }
  }
  expire_never();
  co_return rest.empty();
}

// Follows before it sends what is remembered, so that nothing falls between the two.
awaitable<void> ControlClient::send_events(Feed& feed, Feed::Filter filter, bool follows) {
  std::string remembered = feed.remembered(filter);
  std::shared_ptr<Feed::Follower> follower;
  if (follows) follower = feed.follow(std::move(filter), news_);
  const bool sent = co_await send(std::move(remembered));
  if (sent && follower) co_await follow(*follower);
}

awaitable<void> ControlClient::follow(Feed::Follower& follower) {
  watch_for_hang_up();
  while (!is_cut_) {
    std::string lines = follower.take();
    if (!lines.empty()) {
      const bool sent = co_await send(std::move(lines));
      if (!sent) co_return;
    } else if (is_ending_) {
      co_return;
    } else {
      co_await news_.sleep_until_rung();
    }
  }
}

// EPOLLHUP: both ways are closed. A client that only says no more is still there.
void ControlClient::watch_for_hang_up() {
  socket_.async_wait(socket_.wait_error,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (self && !error) self->cut({});
                     });
}

void ControlClient::say(const ControlReply& reply) {
  const std::string text = reply.line + "\n";
  ::send(descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void ControlClient::cut(std::string why) {
  if (is_cut_) return;
  is_cut_ = true;
  why_cut_ = std::move(why);
  socket_.cancel();
  news_.ring();
}

void ControlClient::end() {
  is_ending_ = true;
  news_.ring();
}

// Bounded: who goes on sending loses its answer.
void ControlClient::discard_rest() {
  std::array<char, 4096> bytes;
  for (int turn = 0; turn < 64; ++turn) {
    if (recv(descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT) <= 0) return;
  }
}

// A timer that was set anew may have called already: only what it is set to now counts.
void ControlClient::expire_after(Milliseconds time, std::string why) {
  deadline_.expires_after(time);
  deadline_.async_wait(
      [weak = weak_from_this(), why = std::move(why)](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (self && !error && self->deadline_.expiry() <= Clock::now()) self->cut(why);
      });
}

void ControlClient::expire_never() { deadline_.expires_at(Clock::time_point::max()); }

}  // namespace superd
