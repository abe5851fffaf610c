// SPDX-License-Identifier: MIT
// The smallest useful handler: answers "ok" and leaves. Built static, so that a launch is measured
// and not the dynamic linker.
#include <unistd.h>

int main(void) { return write(1, "ok\n", 3) == 3 ? 0 : 1; }
