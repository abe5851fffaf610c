// SPDX-License-Identifier: MIT
// The few instructions in which a warm process waits, and the page they work with. Nothing is
// traced while they run: they are the process itself, which has been led there.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <cstddef>
#include <string>

#include "superd/warm/machine.hpp"

namespace superd {

/// A system call that is ready to be made.
struct StubCall {
  Word number = 0;
  Word arguments[6] = {};
  Word takes_connection = 0;  // not 0: its first argument is the descriptor that has come
};

constexpr std::size_t most_moves = 40;
constexpr std::size_t most_values = 10;

/// The page of data. The stub waits with `waiting`, takes what has come with `receiving`, and then
/// makes the `moves`, which put the connection where the pair was. A signal for which the program's
/// read would have ended with EINTR ends the wait for good: `refusing` tells whoever comes later
/// that nobody is here any more, and what had come before it is taken still.
struct StubData {
  Word saved[most_saved];
  StubCall waiting, receiving, refusing, leaving, losing;
  Word end_of_moves;  // its address
  StubCall moves[most_moves];
  msghdr message;
  iovec buffer;
  char byte;
  alignas(8) char control[CMSG_SPACE(sizeof(int))];
  pollfd input;
  alignas(8) char values[most_values * 16];  // of socket options
};

static_assert(sizeof(StubData) <= 4096);

/// The code as it is to be at `code`, going back to the call at `instruction`.
std::string stub_code(Word code, Word instruction);

}  // namespace superd
