// SPDX-License-Identifier: MIT
// superd-warm from start to hand-over.
#include "superd/server/warm_child.hpp"

#include "superd/core/warm_message.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/message_socket.hpp"

namespace superd {
namespace {

// To leave by itself, before it is asked by a signal.
constexpr Milliseconds to_leave{1'000};

}  // namespace

WarmChild::WarmChild(const OwnRooms& rooms, ChildPtr child, UniqueFd stand_in, UniqueFd report,
                     Changed changed)
    : rooms_(rooms),
      child_(std::move(child)),
      stand_in_(std::move(stand_in)),
      report_(rooms.loop, report.release()),
      changed_(std::move(changed)),
      ended_(rooms.loop) {
  rooms_.supervisor.when_ended(*child_, [this] {
    ended_.ring();
    say_changed();
  });
}

Result<WarmChildPtr> WarmChild::start(const HandlerPtr& handler, const std::string& starter,
                                      const OwnRooms& rooms, Changed changed) {
  auto pair = open_stand_in();
  if (!pair) return pair.error();
  auto report = open_message_sockets();
  if (!report) return report.error();
  auto low_report = low_copy(report->theirs.get());
  if (!low_report) return low_report.error();
  report->theirs.reset();
  const auto log =
      handler->error_output(pair->theirs.get(), rooms.loop, rooms.reporter, rooms.logs, rooms.died);
  if (!log) return log.error();
  const std::vector<int> handed{low_report->get()};
  auto child = rooms.supervisor.start(handler, pair->theirs.get(), *log, {}, Clock::now(), &handed,
                                      handler->warm_program(starter));
  if (!child) return child.error();
  rooms.supervisor.hand_over(std::move(pair->theirs));
  rooms.supervisor.hand_over(std::move(*low_report));
  const WarmChildPtr self(new WarmChild(rooms, std::move(*child), std::move(pair->ours),
                                        std::move(report->ours), std::move(changed)));
  spawn(rooms.loop, "get a handler warm", listen(self), rooms.died);
  return self;
}

// One message, and where there is none, the end of superd-warm itself.
awaitable<void> WarmChild::listen(WarmChildPtr self) {
  const bool is_there = co_await readable(self->report_);
  if (!is_there) co_return;
  self->settle();
  boost::system::error_code ignored;
  self->report_.close(ignored);
  self->say_changed();
}

void WarmChild::settle() {
  auto told = receive_message(report_.native_handle(), longest_warm_message);
  if (told && *told == warm_and_ready) {
    state_ = State::ready;
    return;
  }
  state_ = State::failed;
  why_ = !told           ? told.error().text
         : told->empty() ? "superd-warm ended without a word: is it installed?"
                         : std::move(*told);
}

void WarmChild::say_changed() {
  if (const Changed changed = changed_) changed();  // it may let go of this
}

ChildPtr WarmChild::take_child() {
  changed_ = nullptr;
  stand_in_.reset();
  rooms_.supervisor.begin_anew(*child_);
  return std::move(child_);
}

void WarmChild::retire(WarmChildPtr self) {
  self->changed_ = nullptr;
  boost::system::error_code ignored;
  self->report_.close(ignored);
  const OwnRooms rooms = self->rooms_;
  spawn(rooms.loop, "let a warm handler go", leave(std::move(self)), rooms.died);
}

awaitable<void> WarmChild::leave(WarmChildPtr self) {
  self->stand_in_.reset();
  const bool waits = self->state_ == State::ready;
  const auto deadline = Clock::now() + to_leave;
  while (waits && !self->has_ended() && Clock::now() < deadline)
    co_await self->ended_.sleep_until(deadline);
  self->rooms_.supervisor.stop(*self->child_, Stop::shutdown);
  co_await self->rooms_.supervisor.wait(*self->child_);
}

}  // namespace superd
