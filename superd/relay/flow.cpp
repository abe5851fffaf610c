// SPDX-License-Identifier: MIT
// Small pieces are copied through a buffer that all share: two calls where a pipe takes as many and
// has to be there. Large ones are spliced.
#include "superd/relay/flow.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace superd {
namespace {

// Before others have their turn.
constexpr std::size_t one_turn = 1024 * 1024;

}  // namespace

void Flow::begin_with(std::string bytes) {
  if (!bytes.empty()) rest_ = std::make_unique<Rest>(Rest{std::move(bytes), 0});
}

void Flow::give_up() {
  rest_.reset();
  pipe_.reset();  // with what is in it
  in_pipe_ = 0;
  is_done_ = true;
}

Flow::Step Flow::move(Workspace& space) {
  if (is_done_) return Step::done;
  has_moved_ = false;
  const std::uint64_t before = bytes_;
  for (;;) {
    if (has_something())
      if (const auto step = deliver()) return *step;
    put_pipe_back(space);
    if (has_ended_) {
      shutdown(sink_.socket.get(), SHUT_WR);
      is_done_ = true;
      return Step::done;
    }
    if (!source_.readable || !sink_.writable) return Step::waits;
    if (bytes_ - before >= one_turn) return Step::goes_on;
    if (const auto step = take(space)) return *step;
  }
}

std::optional<Flow::Step> Flow::deliver() {
  if (!sink_.writable) return Step::waits;
  return rest_ ? deliver_rest() : deliver_pipe();
}

std::optional<Flow::Step> Flow::deliver_rest() {
  const std::size_t length = rest_->bytes.size() - rest_->at;
  const ssize_t sent =
      send(sink_.socket.get(), rest_->bytes.data() + rest_->at, length, MSG_NOSIGNAL);
  if (sent < 0) return refused_by_sink();
  has_moved_ = true;
  rest_->at += static_cast<std::size_t>(sent);
  if (rest_->at < rest_->bytes.size()) {
    sink_.writable = false;
    return Step::waits;
  }
  rest_.reset();
  return std::nullopt;
}

std::optional<Flow::Step> Flow::deliver_pipe() {
  while (in_pipe_ > 0) {
    const ssize_t sent = splice_bytes(pipe_->read_end.get(), sink_.socket.get(), in_pipe_);
    if (sent <= 0) return refused_by_sink();
    has_moved_ = true;
    in_pipe_ -= static_cast<std::size_t>(sent);
  }
  return std::nullopt;
}

std::optional<Flow::Step> Flow::refused_by_sink() {
  if (errno == EINTR) return Step::goes_on;
  if (errno == EAGAIN) {
    sink_.writable = false;
    return Step::waits;
  }
  error_ = errno;
  return Step::sink_fails;
}

std::optional<Flow::Step> Flow::take(Workspace& space) {
  return way_ == Way::splices ? splice(space) : copy(space);
}

// What fills the buffer is part of something large.
std::optional<Flow::Step> Flow::copy(Workspace& space) {
  auto& buffer = space.buffer();
  const ssize_t got = recv(source_.socket.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return end_of_source(got);
  const auto length = static_cast<std::size_t>(got);
  has_moved_ = true;
  bytes_ += length;
  if (length < buffer.size() && !source_.has_hung_up) source_.readable = false;
  if (length == buffer.size() && way_ == Way::copies) way_ = Way::splices;
  const ssize_t sent = send(sink_.socket.get(), buffer.data(), length, MSG_NOSIGNAL);
  if (sent == got) return std::nullopt;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return refused_by_sink();
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  begin_with(std::string(buffer.data() + taken, length - taken));
  sink_.writable = false;
  return Step::waits;
}

// Into an empty pipe: then EAGAIN means that the source has no more.
std::optional<Flow::Step> Flow::splice(Workspace& space) {
  if (!pipe_) {
    auto borrowed = space.borrow();
    if (!borrowed) {
      way_ = Way::copies;
      return std::nullopt;
    }
    pipe_ = std::make_unique<StreamPipe>(std::move(*borrowed));
  }
  const ssize_t got =
      splice_bytes(source_.socket.get(), pipe_->write_end.get(), Workspace::pipe_size);
  if (got < 0 && (errno == EINVAL || errno == ENOSYS)) {
    way_ = Way::only_copies;
    return std::nullopt;
  }
  if (got <= 0) return end_of_source(got);
  has_moved_ = true;
  bytes_ += static_cast<std::size_t>(got);
  in_pipe_ = static_cast<std::size_t>(got);
  if (in_pipe_ < Workspace::small / 2) way_ = Way::copies;
  return std::nullopt;
}

std::optional<Flow::Step> Flow::end_of_source(std::int64_t result) {
  if (result == 0) {
    has_ended_ = has_moved_ = true;
    return std::nullopt;
  }
  if (errno == EINTR) return Step::goes_on;
  if (errno == EAGAIN) {
    source_.readable = false;
    return std::nullopt;
  }
  error_ = errno;
  return Step::source_fails;
}

void Flow::put_pipe_back(Workspace& space) {
  if (!pipe_ || (way_ == Way::splices && source_.readable && !has_ended_)) return;
  space.give_back(std::move(*pipe_));
  pipe_.reset();
}

}  // namespace superd
