// SPDX-License-Identifier: MIT
// Who has started it, then confinement, then work.
#include "superd/own_main.hpp"

#include <unistd.h>

#include <cstdio>

#include "superd/os/confinement.hpp"
#include "superd/os/message_socket.hpp"

namespace superd {

int not_for_people(const char* program) {
  std::fprintf(stderr, "%s: this is started by superd, not by people\n", program);
  return 2;
}

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

int run_own_program(const char* program, const std::function<int()>& serve) {
  if (!is_message_socket(STDIN_FILENO)) return not_for_people(program);
  if (const auto confined = confine_process(); !confined) return fail(confined.error().text);
  return serve();
}

}  // namespace superd
