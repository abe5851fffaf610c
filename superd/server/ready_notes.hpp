// SPDX-License-Identifier: MIT
// What programs with `ready: notify` say of themselves (sd_notify(3)): one socket for all of them,
// opened for the first. A message counts where the kernel says that it came from the program, from
// its session, or from the process it has named as its main one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "superd/core/notify_message.hpp"
#include "superd/io/task.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// Of one program.
struct Announcement {
  enum class State : std::uint8_t { starting, ready, stopping };

  State state = State::starting;
  std::string status;  // in its own words
  pid_t main_pid = 0;  // that it has named
  std::function<void()> changed = {};
};

using AnnouncementPtr = std::shared_ptr<Announcement>;

class ReadyNotes {
 public:
  explicit ReadyNotes(Loop& loop) : loop_(loop) {}
  ReadyNotes(const ReadyNotes&) = delete;
  ReadyNotes& operator=(const ReadyNotes&) = delete;

  /// What NOTIFY_SOCKET is for a program. Errors: EMFILE, ENFILE.
  Result<std::string> address();
  /// From now on the messages of the program `leader` go into `announcement`, until forget().
  void listen_to(pid_t leader, AnnouncementPtr announcement);
  void forget(pid_t leader);

  /// For the next superd, which hears of the same programs: its socket; -1 where there is none.
  int socket();
  void go_on_with(UniqueFd socket);

 private:
  void follow();
  void take();
  Announcement* sender(pid_t process);

  Loop& loop_;
  std::optional<boost::asio::posix::stream_descriptor> socket_;
  std::unordered_map<pid_t, AnnouncementPtr> programs_;
};

/// "starting", "ready", "stopping".
const char* to_text(Announcement::State state);

}  // namespace superd
