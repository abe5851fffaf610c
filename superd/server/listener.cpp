// SPDX-License-Identifier: MIT
// readable -> accept -> serve.
#include "superd/server/listener.hpp"

#include <cerrno>

#include <boost/asio/post.hpp>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_options.hpp"

namespace superd {
namespace {

// At most so many before others have their turn.
constexpr int one_turn = 16;

}  // namespace

Listener::Listener(OpenSocket open, HandlerPtr handler, Runtime& runtime)
    : runtime_(runtime),
      handler_(std::move(handler)),
      address_(std::move(open.address)),
      path_(std::move(open.path)),
      socket_(runtime.loop, open.socket.release()) {}

void Listener::serve_with(HandlerPtr handler, DoormanPtr doorman) {
  handler_ = std::move(handler);
  doorman_ = std::move(doorman);
}

void Listener::watch() {
  if (lent_) return;
  socket_.async_wait(socket_.wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_waiting();
  });
}

void Listener::pause() {
  is_paused_ = true;
  stop_watching();
}

void Listener::resume() {
  if (std::exchange(is_paused_, false) && !waits_for_room_) watch();
}

// Out of the loop's set, too: cancelled only, it would still be woken by each who comes.
void Listener::lend() {
  if (!has_finished() && !lent_) lent_.reset(socket_.release());
}

void Listener::give_back() {
  if (!lent_) return;
  let_wait(lent_.get(), false);  // the program has done with it what it liked
  if (is_finishing_) return lent_.reset();
  boost::system::error_code fault;
  socket_.assign(lent_.get(), fault);
  if (fault) return give_back_with_room(fault.message());
  lent_.release();
  if (!is_paused_ && !waits_for_room_) watch();
}

// The kernel had no memory to watch one more.
void Listener::give_back_with_room(const std::string& why) {
  runtime_.headroom.ran_out(why);
  runtime_.headroom.when_room([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->give_back();
  });
}

void Listener::stop_watching() {
  boost::system::error_code ignored;  // a lent one isn't watched
  socket_.cancel(ignored);
}

void Listener::end() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Listener::finish() {
  path_ = {};
  answer_newcomers(socket(), false);
  stop_watching();
  is_paused_ = false;
  is_finishing_ = true;
  if (lent_) return;
  if (doorman_) return end();  // superd itself serves nobody who waits there
  if (!waits_for_room_) accept_waiting();
}

void Listener::accept_waiting() {
  if (lent_) return;
  if (doorman_ && may_accept()) return doorman_->knocked(shared_from_this());
  int taken = 0;
  while (taken < one_turn && may_accept() && accept_one()) ++taken;
  if (!may_accept()) return wait_for_room();
  if (!is_finishing_) return watch();
  taken == one_turn ? accept_soon() : end();
}

bool Listener::may_accept() const {
  return runtime_.headroom.has_room() && runtime_.gate.is_open(handler_->service());
}

// Not when it can be read next: perhaps that was the last one.
void Listener::accept_soon() {
  boost::asio::post(runtime_.loop, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->accept_waiting();
  });
}

// False: nobody waits any more, or something ran out. A client that is gone again (ECONNABORTED and
// the network's errors, accept(2)) is not our fault: the next one may be fine.
bool Listener::accept_one() {
  auto connection = accept_connection(socket_.native_handle(), address_);
  if (connection) {
    receive(std::move(*connection), handler_, runtime_);
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

// Of the machine, or of the service. A listener that is closed meanwhile isn't called any more.
void Listener::wait_for_room() {
  if (std::exchange(waits_for_room_, true)) return;
  auto resume = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->waits_for_room_ = false;
    if (!self->is_paused_) self->accept_waiting();
  };
  if (runtime_.headroom.has_room())
    runtime_.gate.when_open(handler_->service(), std::move(resume));
  else
    runtime_.headroom.when_room(std::move(resume));
}

}  // namespace superd
