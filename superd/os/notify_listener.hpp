// SPDX-License-Identifier: MIT
// Where programs that superd starts say how they are: a socket of datagrams with a name of its own
// in the abstract space, which a program of any user and any root directory can reach. Anybody else
// can, too: who sent a message is the kernel's word, and must be asked.
#pragma once

#include <sys/types.h>

#include <string>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// At 64 or above, never blocks. Errors: EMFILE, ENFILE.
Result<UniqueFd> open_notify_listener();

/// Its address, for NOTIFY_SOCKET: "@…".
Result<std::string> notify_address(int listener);

/// One message, and who sent it.
struct NotifyNote {
  pid_t sender = 0;  // 0: the kernel can't say
  std::string text;
};

/// The next one, at most `longest` bytes of it. Descriptors that come along are closed. Errors:
/// EAGAIN where none waits.
Result<NotifyNote> take_notify_note(int listener, std::size_t longest);

/// Who leads the session of a process: the program that superd started, with all that it starts in
/// turn. 0: the process is gone.
pid_t session_leader(pid_t process);

}  // namespace superd
