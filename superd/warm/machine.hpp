// SPDX-License-Identifier: MIT
// What differs from one processor to the next: registers, the instruction of a system call, the
// calls in which a program waits for its input. A table for each that superd-warm is built for.
#pragma once

#include <sys/user.h>

#include <cstdint>
#include <optional>
#include <span>

namespace superd {

using Word = std::uint64_t;

#if defined(__x86_64__)
using Registers = user_regs_struct;
#elif defined(__aarch64__)
using Registers = user_regs_struct;
#else
#error "superd-warm knows x86_64 and aarch64"
#endif

enum class WaitKind : std::uint8_t { read, poll, select, epoll };

/// A system call in which programs wait for input.
struct WaitCall {
  long number;
  WaitKind kind;
  /// Where among the arguments its signal mask is: for poll its address, for select the address of
  /// a pair that begins with it. Absent: it has none.
  std::optional<int> mask;
};

std::span<const WaitCall> wait_calls();

/// A call that was interrupted without a result, so that it can be made again: `registers` become
/// what they were before it, with `first` as its first argument. The address of its instruction;
/// absent: there is no such call.
std::optional<Word> interrupted_call(Registers& registers, Word first);
bool is_call_instruction(Word at_address);
long call_number(const Registers& registers);
Word call_argument(const Registers& registers, int which);
Word call_result(const Registers& registers);

/// Registers with which one step from `instruction` makes a call.
Registers calling(const Registers& from, Word instruction, long number, const Word (&arguments)[6]);

/// Registers as the stub wants them: at `code`, knowing `data`.
Registers entering(const Registers& from, Word code, Word data);

/// What the stub puts back before it goes on where the program was: see stub.cpp.
constexpr int most_saved = 12;
void save_registers(const Registers& from, Word (&saved)[most_saved]);

/// How far from a program's code the stub may lie, where its jump back reaches only so far.
std::optional<Word> reach_of_jumps();

/// Writes the jump at `place`, which will be at `from`, so that it goes to `to`.
void write_jump(std::span<char> place, Word from, Word to);

}  // namespace superd
