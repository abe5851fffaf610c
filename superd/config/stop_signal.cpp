// SPDX-License-Identifier: MIT
// Names as sigabbrev_np(3) has them.
#include "superd/config/stop_signal.hpp"

#include <csignal>
#include <cstring>

namespace superd {
namespace {

std::optional<int> signal_named(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  return std::nullopt;
}

}  // namespace

void read_stop_signal(const Value& value, Draft& draft) {
  if (const auto number = parse_number(value.node.word, 1, SIGRTMAX)) {
    draft.process.stop_signal = static_cast<int>(*number);
  } else if (const auto named = signal_named(value.node.word)) {
    draft.process.stop_signal = *named;
  } else {
    say_fault(value, "give a signal: TERM, INT, HUP, KILL …, or its number");
  }
}

NodePtr write_stop_signal(const Draft& draft) {
  const int number = draft.process.stop_signal;
  const char* name = number < SIGRTMIN ? sigabbrev_np(number) : nullptr;
  if (number == Process{}.stop_signal) return nullptr;
  return name != nullptr ? write_word(name) : write_number(number);
}

}  // namespace superd
