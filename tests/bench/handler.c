// SPDX-License-Identifier: MIT
// The smallest useful handler: answers "ok" and leaves; with an argument it stays until the client
// leaves. Built static, so that a launch is measured and not the dynamic linker.
#include <unistd.h>

int main(int argc, char** argv) {
  (void)argv;
  char byte;
  if (write(1, "ok\n", 3) != 3) return 1;
  while (argc > 1 && read(0, &byte, 1) > 0) {
  }
  return 0;
}
