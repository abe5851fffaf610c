// SPDX-License-Identifier: MIT
// Take, find out whose it is, tell.
#include "superd/server/ready_notes.hpp"

#include "superd/os/notify_listener.hpp"

namespace superd {
namespace {

// At most so many before others have their turn.
constexpr int one_turn = 64;

void take_over(NotifyMessage message, Announcement& into) {
  using State = Announcement::State;
  if (message.is_ready && into.state == State::starting) into.state = State::ready;
  if (message.is_stopping) into.state = State::stopping;
  if (message.status) into.status = std::move(*message.status);
  if (message.main_pid) into.main_pid = *message.main_pid;
  if (into.changed) into.changed();
}

}  // namespace

Result<std::string> ReadyNotes::address() {
  if (!socket_) {
    auto opened = open_notify_listener();
    if (!opened) return opened.error();
    go_on_with(std::move(*opened));
  }
  return notify_address(socket());
}

int ReadyNotes::socket() { return socket_ ? socket_->native_handle() : -1; }

void ReadyNotes::go_on_with(UniqueFd socket) {
  socket_.emplace(loop_, socket.release());
  follow();
}

void ReadyNotes::listen_to(pid_t leader, AnnouncementPtr announcement) {
  programs_[leader] = std::move(announcement);
}

void ReadyNotes::forget(pid_t leader) { programs_.erase(leader); }

void ReadyNotes::follow() {
  socket_->async_wait(socket_->wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    take();
    follow();
  });
}

void ReadyNotes::take() {
  for (int turn = 0; turn < one_turn; ++turn) {
    const auto note = take_notify_note(socket(), longest_notify_message);
    if (!note) return;
    if (Announcement* const from = sender(note->sender))
      take_over(parse_notify_message(note->text), *from);
  }
}

// The session leads to most; who has left it must have been named.
Announcement* ReadyNotes::sender(pid_t process) {
  if (process <= 0) return nullptr;
  for (const pid_t leader : {process, session_leader(process)})
    if (const auto found = programs_.find(leader); found != programs_.end())
      return found->second.get();
  for (const auto& [leader, announcement] : programs_)
    if (announcement->main_pid == process) return announcement.get();
  return nullptr;
}

const char* to_text(Announcement::State state) {
  switch (state) {
    case Announcement::State::starting:
      return "starting";
    case Announcement::State::ready:
      return "ready";
    case Announcement::State::stopping:
      return "stopping";
  }
  return "";
}

}  // namespace superd
