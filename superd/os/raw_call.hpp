// SPDX-License-Identifier: MIT
// System calls without libc, for code that runs in a child which shares memory with its parent:
// libc would write the parent's errno, and its setuid family would signal the parent's threads.
#pragma once

namespace superd {

/// The kernel's own answer: a result, or minus an errno value.
__attribute__((always_inline)) inline long raw_call(long number, long a = 0, long b = 0, long c = 0,
                                                    long d = 0) {
#if defined(__x86_64__)
  long result;
  register long r10 asm("r10") = d;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#else
#error "raw_call: add this processor's system call instruction here"
#endif
}

template <class T>
__attribute__((always_inline)) inline long raw_argument(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

}  // namespace superd
