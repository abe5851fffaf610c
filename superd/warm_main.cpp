// SPDX-License-Identifier: MIT
// superd-warm LONGEST PROGRAM ARGV0 ARGS...: becomes a handler ahead of its connection. Started by
// superd as the service's user: 0 is a pair that stands for the connection, 3 where superd is told
// that the handler waits for it, or why it doesn't. LONGEST is in milliseconds.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "superd/warm/tracer.hpp"

namespace superd {
namespace {

constexpr int report = 3;
constexpr int not_for_people = 2, not_started = 111, not_a_program = 127;

bool is_conversation(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

// Where superd is gone, nobody is there to be told.
int give_up(int status, const Error& why) {
  tell(report, why.text);
  return status;
}

int warm_main(int count, char** words) {
  if (count < 4 || !is_conversation(report)) {
    std::fputs("superd-warm: this is started by superd, not by people\n", stderr);
    return not_for_people;
  }
  fcntl(report, F_SETFD, FD_CLOEXEC);
  dup2(STDIN_FILENO, STDOUT_FILENO);
  const TracerTerms terms{STDIN_FILENO, report, std::chrono::milliseconds(atol(words[1]))};
  if (const auto left = leave_tracer(terms); !left) return give_up(not_started, left.error());
  execv(words[2], words + 3);
  return give_up(not_a_program, system_error("it could not be started", errno));
}

}  // namespace
}  // namespace superd

int main(int count, char** words) { return superd::warm_main(count, words); }
