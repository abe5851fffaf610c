// SPDX-License-Identifier: MIT
// A companion from start to end.
#include "superd/server/companion.hpp"

#include <sys/wait.h>

#include <cerrno>

namespace superd {
namespace {

std::string how_it_ended(const Ending& ending) {
  if (ending.fault)
    return std::string("could not be started: step '") + ending.fault->step +
           "' failed: " + errno_text(ending.fault->error);
  const int status = ending.exit.status;
  return WIFSIGNALED(status) ? "ended by signal " + signal_name(WTERMSIG(status))
                             : "ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Companion::Companion(const CompanionRooms& rooms, ChildPtr child, UniqueFd socket,
                     Listener listener)
    : supervisor_(rooms.supervisor),
      child_(std::move(child)),
      socket_(rooms.loop, socket.release()),
      listener_(std::move(listener)) {}

Result<std::shared_ptr<Companion>> Companion::start(const HandlerPtr& handler,
                                                    const CompanionRooms& rooms,
                                                    Listener listener) {
  auto sockets = open_message_sockets();
  if (!sockets) return sockets.error();
  const auto log = handler->error_output(sockets->theirs.get(), rooms.loop, rooms.reporter,
                                         rooms.logs, rooms.died);
  if (!log) return log.error();
  auto child = rooms.supervisor.start(handler, sockets->theirs.get(), *log, {});
  if (!child) return child.error();
  rooms.supervisor.hand_over(std::move(sockets->theirs));
  return attended(std::shared_ptr<Companion>(new Companion(
                      rooms, std::move(*child), std::move(sockets->ours), std::move(listener))),
                  rooms);
}

std::shared_ptr<Companion> Companion::adopt(pid_t pid, UniqueFd socket, Clock::time_point started,
                                            const HandlerPtr& handler, const CompanionRooms& rooms,
                                            Listener listener) {
  auto child = rooms.supervisor.adopt(pid, handler, started, Stop::none);
  return attended(std::shared_ptr<Companion>(new Companion(rooms, std::move(child),
                                                           std::move(socket), std::move(listener))),
                  rooms);
}

std::shared_ptr<Companion> Companion::attended(std::shared_ptr<Companion> self,
                                               const CompanionRooms& rooms) {
  spawn(rooms.loop, "listen to a companion", listen(self), rooms.died);
  spawn(rooms.loop, "attend a companion", attend(self), rooms.died);
  return self;
}

Result<void> Companion::say(std::string_view message) {
  if (!socket_.is_open()) return system_error("send", EPIPE);
  return send_message(socket_.native_handle(), message);
}

Result<void> Companion::say(std::string_view message, int descriptor) {
  if (!socket_.is_open()) return system_error("send", EPIPE);
  return send_message(socket_.native_handle(), message, descriptor);
}

void Companion::retire() {
  listener_.heard = nullptr;
  listener_.ended = nullptr;
  stop({});
}

void Companion::stop(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  supervisor_.stop(*child_, Stop::shutdown);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

awaitable<void> Companion::listen(std::shared_ptr<Companion> self) {
  for (;;) {
    const bool more = co_await readable(self->socket_);
    if (!more || !self->take_messages()) break;
  }
  // What has stopped talking is of no use. Where it has ended already, this changes nothing.
  if (self->socket_.is_open()) self->stop({});
}

// False: there will be no more.
bool Companion::take_messages() {
  while (socket_.is_open()) {
    const auto message = receive_message(socket_.native_handle(), listener_.longest);
    if (!message && message.error().number == EAGAIN) return true;
    if (message && message->empty()) return false;
    if (!message) {
      stop("was ended: " + message.error().text);
      return false;
    }
    if (const auto heard = listener_.heard) heard(*message);  // it may end what it is called from
  }
  return false;
}

// What it has said before its end counts still.
awaitable<void> Companion::attend(std::shared_ptr<Companion> self) {
  const Ending ending = co_await self->supervisor_.wait(*self->child_);
  self->take_messages();
  const auto ended = std::exchange(self->listener_.ended, nullptr);
  self->listener_.heard = nullptr;
  if (ended) ended(self->why_.empty() ? how_it_ended(ending) : self->why_);
}

}  // namespace superd
