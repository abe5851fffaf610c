// SPDX-License-Identifier: MIT
// It uses no stack but the program's, which it leaves alone, and puts back each register it
// changes, but for those that a system call changes anyway.
#include "superd/warm/stub.hpp"

#include <cerrno>

#define SUPERD_AT(member) [member] "i"(offsetof(StubData, member))

extern "C" const char superd_stub[], superd_stub_again[], superd_stub_after[], superd_stub_end[];

namespace superd {
namespace {

constexpr std::size_t call_size = sizeof(StubCall);
static_assert(call_size == 64 && offsetof(StubCall, arguments) == 8 &&
              offsetof(StubCall, takes_connection) == 56);
constexpr std::size_t connection_at = offsetof(StubData, control) + CMSG_LEN(0);
constexpr std::size_t control_length_at =
    offsetof(StubData, message) + offsetof(msghdr, msg_controllen);
constexpr std::size_t control_space = CMSG_SPACE(sizeof(int));

#if defined(__x86_64__)

constexpr Word length_of_call = 2;

// r15: the data. r12: the call to make. r14: where the moves end. ebx: 1 once it was interrupted.
// A failure is negative: EINTR is 4, EAGAIN 11.
[[gnu::used]] void stub() {
  asm volatile(
      ".macro superd_call\n"
      "  mov (%%r12), %%rax\n"
      "  mov 8(%%r12), %%rdi\n"
      "  mov 16(%%r12), %%rsi\n"
      "  mov 24(%%r12), %%rdx\n"
      "  mov 32(%%r12), %%r10\n"
      "  mov 40(%%r12), %%r8\n"
      "  mov 48(%%r12), %%r9\n"
      "  syscall\n"
      ".endm\n"
      ".macro superd_restore\n"
      "  mov %c[saved]+8(%%r15), %%rdi\n"
      "  mov %c[saved]+16(%%r15), %%rsi\n"
      "  mov %c[saved]+24(%%r15), %%rdx\n"
      "  mov %c[saved]+32(%%r15), %%r10\n"
      "  mov %c[saved]+40(%%r15), %%r8\n"
      "  mov %c[saved]+48(%%r15), %%r9\n"
      "  mov %c[saved]+56(%%r15), %%rbx\n"
      "  mov %c[saved]+64(%%r15), %%r12\n"
      "  mov %c[saved]+72(%%r15), %%r14\n"
      "  mov %c[saved]+80(%%r15), %%r15\n"
      ".endm\n"
      ".globl superd_stub, superd_stub_again, superd_stub_after, superd_stub_end\n"
      "superd_stub:\n"
      "  xor %%ebx, %%ebx\n"
      "1:\n"  // wait
      "  lea %c[waiting](%%r15), %%r12\n"
      "  superd_call\n"
      "  cmp $-4, %%rax\n"
      "  jne 2f\n"
      "  mov $1, %%ebx\n"
      "  lea %c[refusing](%%r15), %%r12\n"
      "  superd_call\n"
      "2:\n"  // receive
      "  movq %[control_space], %c[control_length](%%r15)\n"
      "  lea %c[receiving](%%r15), %%r12\n"
      "  superd_call\n"
      "  test %%rax, %%rax\n"
      "  jg 3f\n"
      "  test %%ebx, %%ebx\n"
      "  jnz 6f\n"
      "  cmp $-11, %%rax\n"
      "  je 1b\n"
      "  lea %c[leaving](%%r15), %%r12\n"  // nobody will come
      "  superd_call\n"
      "3:\n"
      "  cmpq $0, %c[control_length](%%r15)\n"
      "  je 7f\n"
      "  lea %c[moves](%%r15), %%r12\n"
      "  mov %c[end_of_moves](%%r15), %%r14\n"
      "4:\n"
      "  cmp %%r14, %%r12\n"
      "  je 5f\n"
      "  cmpq $0, 56(%%r12)\n"
      "  je 8f\n"
      "  mov %c[connection](%%r15), %%eax\n"
      "  mov %%rax, 8(%%r12)\n"
      "8:\n"
      "  superd_call\n"
      "  add %[call_size], %%r12\n"
      "  jmp 4b\n"
      "5:\n"
      "  test %%ebx, %%ebx\n"
      "  jnz 6f\n"
      "  mov %c[saved](%%r15), %%rax\n"
      "  superd_restore\n"
      "  jmp *superd_stub_again(%%rip)\n"
      "6:\n"
      "  superd_restore\n"
      "  mov $-4, %%rax\n"
      "  jmp *superd_stub_after(%%rip)\n"
      "7:\n"
      "  lea %c[losing](%%r15), %%r12\n"
      "  superd_call\n"
      "  ud2\n"
      "superd_stub_again: .quad 0\n"
      "superd_stub_after: .quad 0\n"
      "superd_stub_end:\n" ::SUPERD_AT(saved),
      SUPERD_AT(waiting), SUPERD_AT(receiving), SUPERD_AT(refusing), SUPERD_AT(leaving),
      SUPERD_AT(losing), SUPERD_AT(moves), SUPERD_AT(end_of_moves), [connection] "i"(connection_at),
      [control_length] "i"(control_length_at), [control_space] "i"(control_space),
      [call_size] "i"(call_size));
}

#elif defined(__aarch64__)

constexpr Word length_of_call = 4;

// x28: the data. x27: the call to make. x26: where the moves end. w25: 1 once it was interrupted.
// x9 and their like may hold something of the program's: only what is restored is used.
[[gnu::used]] void stub() {
  asm volatile(
      ".macro superd_call\n"
      "  ldr x8, [x27]\n"
      "  ldp x0, x1, [x27, #8]\n"
      "  ldp x2, x3, [x27, #24]\n"
      "  ldp x4, x5, [x27, #40]\n"
      "  svc #0\n"
      ".endm\n"
      ".macro superd_restore\n"
      "  ldr x1, [x28, %[saved]+16]\n"
      "  ldr x2, [x28, %[saved]+24]\n"
      "  ldr x3, [x28, %[saved]+32]\n"
      "  ldr x4, [x28, %[saved]+40]\n"
      "  ldr x5, [x28, %[saved]+48]\n"
      "  ldr x8, [x28, %[saved]]\n"
      "  ldr x25, [x28, %[saved]+56]\n"
      "  ldr x26, [x28, %[saved]+64]\n"
      "  ldr x27, [x28, %[saved]+72]\n"
      ".endm\n"
      ".globl superd_stub, superd_stub_again, superd_stub_after, superd_stub_end\n"
      "superd_stub:\n"
      "  mov w25, #0\n"
      "1:\n"
      "  add x27, x28, %[waiting]\n"
      "  superd_call\n"
      "  cmn x0, #4\n"
      "  b.ne 2f\n"
      "  mov w25, #1\n"
      "  add x27, x28, %[refusing]\n"
      "  superd_call\n"
      "2:\n"
      "  mov x0, %[control_space]\n"
      "  str x0, [x28, %[control_length]]\n"
      "  add x27, x28, %[receiving]\n"
      "  superd_call\n"
      "  cmp x0, #0\n"
      "  b.gt 3f\n"
      "  cbnz w25, 6f\n"
      "  cmn x0, #11\n"
      "  b.eq 1b\n"
      "  add x27, x28, %[leaving]\n"
      "  superd_call\n"
      "3:\n"
      "  ldr x0, [x28, %[control_length]]\n"
      "  cbz x0, 7f\n"
      "  add x27, x28, %[moves]\n"
      "  ldr x26, [x28, %[end_of_moves]]\n"
      "4:\n"
      "  cmp x27, x26\n"
      "  b.eq 5f\n"
      "  ldr x0, [x27, #56]\n"
      "  cbz x0, 8f\n"
      "  ldr w0, [x28, %[connection]]\n"
      "  str x0, [x27, #8]\n"
      "8:\n"
      "  superd_call\n"
      "  add x27, x27, %[call_size]\n"
      "  b 4b\n"
      "5:\n"
      "  cbnz w25, 6f\n"
      "  superd_restore\n"
      "  ldr x0, [x28, %[saved]+8]\n"
      "  ldr x28, [x28, %[saved]+80]\n"
      "superd_stub_again: b .\n"
      "6:\n"
      "  superd_restore\n"
      "  mov x0, #-4\n"
      "  ldr x28, [x28, %[saved]+80]\n"
      "superd_stub_after: b .\n"
      "7:\n"
      "  add x27, x28, %[losing]\n"
      "  superd_call\n"
      "  brk #0\n"
      "superd_stub_end:\n" ::SUPERD_AT(saved),
      SUPERD_AT(waiting), SUPERD_AT(receiving), SUPERD_AT(refusing), SUPERD_AT(leaving),
      SUPERD_AT(losing), SUPERD_AT(moves), SUPERD_AT(end_of_moves), [connection] "i"(connection_at),
      [control_length] "i"(control_length_at), [control_space] "i"(control_space),
      [call_size] "i"(call_size));
}

#endif

static_assert(EINTR == 4 && EAGAIN == 11);

void write_jump_at(std::string& text, const char* place, Word code, Word to) {
  const auto offset = static_cast<std::size_t>(place - superd_stub);
  write_jump(std::span(text).subspan(offset), code + offset, to);
}

}  // namespace

std::string stub_code(Word code, Word instruction) {
  std::string text(superd_stub, superd_stub_end);
  write_jump_at(text, superd_stub_again, code, instruction);
  write_jump_at(text, superd_stub_after, code, instruction + length_of_call);
  return text;
}

}  // namespace superd
