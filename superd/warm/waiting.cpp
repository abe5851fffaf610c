// SPDX-License-Identifier: MIT
// The calls programs wait in.
#include "superd/warm/waiting.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace superd {
namespace {

constexpr Word most_selected = 1024;

bool is_copy(int descriptor, const std::vector<PairCopy>& copies) {
  return std::any_of(copies.begin(), copies.end(),
                     [&](const PairCopy& copy) { return copy.number == descriptor; });
}

NotYet waits_for_more() { return {"it waits for other descriptors as well"}; }

Waiting polled(pid_t process, const CallUnderWay& call, pid_t thread, const WaitCall& how,
               const std::vector<PairCopy>& copies) {
  pollfd first{};
  const Word count = call.arguments[1];
  if (count == 0 || count > most_selected) return NotYet{};
  for (Word i = 0; i < count; ++i) {
    if (!read_memory(process, call.arguments[0] + i * sizeof first, &first, sizeof first))
      return NotYet{};
    if (!is_copy(first.fd, copies) || (first.events & POLLIN) == 0) continue;
    if (count > 1 || (first.events & POLLOUT) != 0) return waits_for_more();
    return WaitingThread{thread, first.fd, how, call.arguments[0]};
  }
  return NotYet{};
}

// Of a set of descriptors that may be absent.
std::vector<int> selected(pid_t process, Word address, Word count) {
  std::vector<int> numbers;
  Word bits[most_selected / 64] = {};
  count = std::min(count, most_selected);
  if (address == 0 || !read_memory(process, address, bits, (count + 63) / 64 * 8)) return numbers;
  for (Word i = 0; i < count; ++i)
    if ((bits[i / 64] >> (i % 64) & 1) != 0) numbers.push_back(static_cast<int>(i));
  return numbers;
}

Waiting selected_one(pid_t process, const CallUnderWay& call, pid_t thread, const WaitCall& how,
                     const std::vector<PairCopy>& copies) {
  const Word count = call.arguments[0];
  const auto input = selected(process, call.arguments[1], count);
  const auto found =
      std::find_if(input.begin(), input.end(), [&](int number) { return is_copy(number, copies); });
  if (found == input.end()) return NotYet{};
  const bool is_alone = input.size() == 1 && selected(process, call.arguments[2], count).empty() &&
                        selected(process, call.arguments[3], count).empty();
  if (!is_alone) return waits_for_more();
  return WaitingThread{thread, *found, how, count};
}

Waiting waiting_of(pid_t process, pid_t thread, const CallUnderWay& call, const WaitCall& how,
                   const std::vector<PairCopy>& copies) {
  const int first = static_cast<int>(call.arguments[0]);
  switch (how.kind) {
    case WaitKind::read:
      if (is_copy(first, copies)) return WaitingThread{thread, first, how, call.arguments[0]};
      return NotYet{};
    case WaitKind::poll:
      return polled(process, call, thread, how, copies);
    case WaitKind::select:
      return selected_one(process, call, thread, how, copies);
    case WaitKind::epoll:
      if (watches(process, first, copies)) return Never{"it waits for its input with epoll"};
  }
  return NotYet{};
}

}  // namespace

Waiting find_waiting(pid_t process, const std::vector<PairCopy>& copies) {
  Waiting found = NotYet{};
  if (copies.empty()) return NotYet{"it has closed its input"};
  for (const pid_t thread : threads_of(process)) {
    const CallUnderWay call = call_of(process, thread);
    if (call.error == EPERM || call.error == EACCES)
      found = NotYet{"it may not be traced: " + errno_text(call.error)};
    for (const WaitCall& how : wait_calls()) {
      if (how.number != call.number) continue;
      Waiting one = waiting_of(process, thread, call, how, copies);
      if (!std::holds_alternative<NotYet>(one)) return one;
      if (!std::get<NotYet>(one).because.empty()) found = std::move(one);
    }
  }
  return found;
}

}  // namespace superd
