// SPDX-License-Identifier: MIT
// How the programs begin that superd starts for itself: its word is what they are for, and they
// give up what power they have before they listen to it.
#pragma once

#include <functional>
#include <string>

namespace superd {

/// Says that `program` is started by superd, not by people; the exit status for it.
int not_for_people(const char* program);

/// Says `why` it can't go on, to superd's log; the exit status for it.
int fail(const std::string& why);

/// `serve` with no privileges left, where stdin is a conversation with superd (os/message_socket);
/// the exit status.
int run_own_program(const char* program, const std::function<int()>& serve);

}  // namespace superd
