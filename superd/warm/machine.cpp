// SPDX-License-Identifier: MIT
// x86_64 and aarch64.
#include "superd/warm/machine.hpp"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

namespace superd {
namespace {

constexpr WaitCall all_waits[] = {
    {SYS_read, WaitKind::read, {}},         {SYS_readv, WaitKind::read, {}},
    {SYS_recvfrom, WaitKind::read, {}},     {SYS_recvmsg, WaitKind::read, {}},
#ifdef SYS_poll
    {SYS_poll, WaitKind::poll, {}},
#endif
    {SYS_ppoll, WaitKind::poll, 3},
#ifdef SYS_select
    {SYS_select, WaitKind::select, {}},
#endif
    {SYS_pselect6, WaitKind::select, 5},
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, WaitKind::epoll, {}},
#endif
    {SYS_epoll_pwait, WaitKind::epoll, {}}, {SYS_epoll_pwait2, WaitKind::epoll, {}},
};

}  // namespace

std::span<const WaitCall> wait_calls() { return all_waits; }

#if defined(__x86_64__)

namespace {

constexpr Word length_of_call = 2;  // 0f 05

// ERESTARTSYS and its like, which no program ever sees; or EINTR, as from a socket with a timeout,
// of which the program hasn't been told yet.
bool is_restart(Word result) {
  const auto error = -static_cast<std::int64_t>(result);
  return error == EINTR || (error >= 512 && error <= 516);
}

}  // namespace

std::optional<Word> interrupted_call(Registers& registers, Word) {
  if (static_cast<std::int64_t>(registers.orig_rax) < 0 || !is_restart(registers.rax))
    return std::nullopt;
  return registers.rip - length_of_call;
}

bool is_call_instruction(Word at_address) { return (at_address & 0xffff) == 0x050f; }

long call_number(const Registers& registers) { return static_cast<long>(registers.orig_rax); }

Word call_argument(const Registers& registers, int which) {
  const Word all[] = {registers.rdi, registers.rsi, registers.rdx,
                      registers.r10, registers.r8,  registers.r9};
  return all[which];
}

Word call_result(const Registers& registers) { return registers.rax; }

Registers calling(const Registers& from, Word instruction, long number,
                  const Word (&arguments)[6]) {
  Registers to = from;
  to.rip = instruction;
  to.orig_rax = ~Word{0};  // nothing is to be made again by the kernel
  to.rax = static_cast<Word>(number);
  to.rdi = arguments[0];
  to.rsi = arguments[1];
  to.rdx = arguments[2];
  to.r10 = arguments[3];
  to.r8 = arguments[4];
  to.r9 = arguments[5];
  return to;
}

Registers entering(const Registers& from, Word code, Word data) {
  Registers to = from;
  to.rip = code;
  to.orig_rax = ~Word{0};
  to.rax = 0;
  to.r15 = data;
  return to;
}

void save_registers(const Registers& from, Word (&saved)[most_saved]) {
  const Word all[] = {from.orig_rax, from.rdi, from.rsi, from.rdx, from.r10, from.r8,
                      from.r9,       from.rbx, from.r12, from.r14, from.r15};
  std::memcpy(saved, all, sizeof all);
}

std::optional<Word> reach_of_jumps() { return std::nullopt; }

void write_jump(std::span<char> place, Word, Word to) {
  std::memcpy(place.data(), &to, sizeof to);  // the stub jumps to what is written there
}

#elif defined(__aarch64__)

namespace {

constexpr Word length_of_call = 4;

}  // namespace

// The kernel has gone back to the instruction already, with the first argument in its place; but
// not after EINTR, as from a socket with a timeout, of which the program hasn't been told yet.
std::optional<Word> interrupted_call(Registers& registers, Word first) {
  if (registers.regs[0] == static_cast<Word>(-EINTR)) {
    registers.pc -= length_of_call;
    registers.regs[0] = first;
  }
  return registers.pc;
}

bool is_call_instruction(Word at_address) { return (at_address & 0xffffffff) == 0xd4000001; }

long call_number(const Registers& registers) { return static_cast<long>(registers.regs[8]); }

Word call_argument(const Registers& registers, int which) { return registers.regs[which]; }

Word call_result(const Registers& registers) { return registers.regs[0]; }

Registers calling(const Registers& from, Word instruction, long number,
                  const Word (&arguments)[6]) {
  Registers to = from;
  to.pc = instruction;
  to.regs[8] = static_cast<Word>(number);
  for (int i = 0; i < 6; ++i) to.regs[i] = arguments[i];
  return to;
}

Registers entering(const Registers& from, Word code, Word data) {
  Registers to = from;
  to.pc = code;
  to.regs[28] = data;
  return to;
}

void save_registers(const Registers& from, Word (&saved)[most_saved]) {
  const Word all[] = {from.regs[8],  from.regs[0],  from.regs[1], from.regs[2],
                      from.regs[3],  from.regs[4],  from.regs[5], from.regs[25],
                      from.regs[26], from.regs[27], from.regs[28]};
  std::memcpy(saved, all, sizeof all);
}

// `b` reaches 128 MB.
std::optional<Word> reach_of_jumps() { return Word{120} * 1024 * 1024; }

void write_jump(std::span<char> place, Word from, Word to) {
  const Word words = (to - from) >> 2;
  const auto branch = static_cast<std::uint32_t>(0x14000000 | (words & 0x03ffffff));
  std::memcpy(place.data(), &branch, sizeof branch);
}

#endif

}  // namespace superd
