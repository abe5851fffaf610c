// SPDX-License-Identifier: MIT
// readable -> accept -> serve.
#include "superd/server/listener.hpp"

#include <cerrno>

namespace superd {
namespace {

// At most so many before others have their turn.
constexpr int one_turn = 16;
constexpr int most_backlog = 65535;

}  // namespace

Listener::Listener(OpenSocket open, HandlerPtr handler, Runtime& runtime)
    : runtime_(runtime),
      handler_(std::move(handler)),
      address_(std::move(open.address)),
      path_(std::move(open.path)),
      socket_(runtime.loop, open.socket.release()) {}

void Listener::watch() {
  socket_.async_wait(socket_.wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_waiting();
  });
}

void Listener::pause() {
  is_paused_ = true;
  socket_.cancel();
}

void Listener::resume() {
  if (std::exchange(is_paused_, false) && !waits_for_room_) watch();
}

void Listener::empty_backlog() {
  for (int i = 0; i < most_backlog && runtime_.headroom.has_room() && accept_one(); ++i) {
  }
}

void Listener::accept_waiting() {
  const Headroom& headroom = runtime_.headroom;
  for (int i = 0; i < one_turn && headroom.has_room() && accept_one(); ++i) {
  }
  headroom.has_room() ? watch() : wait_for_room();
}

// False: nobody waits any more, or something ran out. A client that is gone again (ECONNABORTED and
// the network's errors, accept(2)) is not our fault: the next one may be fine.
bool Listener::accept_one() {
  auto connection = accept_connection(socket_.native_handle(), address_);
  if (connection) {
    spawn(runtime_.loop, "serve a connection", serve(std::move(*connection), handler_, runtime_),
          runtime_.died);
    return true;
  }
  switch (const int error = connection.error().number) {
    case EAGAIN:
      return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      runtime_.headroom.ran_out(errno_text(error));
      return false;
    default:
      return true;
  }
}

// A listener that is closed meanwhile isn't called any more.
void Listener::wait_for_room() {
  if (std::exchange(waits_for_room_, true)) return;
  runtime_.headroom.when_room([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->waits_for_room_ = false;
    if (!self->is_paused_) self->accept_waiting();
  });
}

}  // namespace superd
