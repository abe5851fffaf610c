// SPDX-License-Identifier: MIT
// Answers each line with stdio, as the plainest of handlers do.
#include <stdio.h>

int main(void) {
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    printf("got %s", line);
    fflush(stdout);
  }
  return 0;
}
