// SPDX-License-Identifier: MIT
// The smallest handler of datagrams: sends the first that waits on descriptor 0 back, and leaves.
// Built static, so that a launch is measured and not the dynamic linker.
#include <sys/socket.h>

int main(void) {
  char text[2048];
  struct sockaddr_storage sender;
  socklen_t length = sizeof sender;
  const ssize_t size = recvfrom(0, text, sizeof text, 0, (struct sockaddr*)&sender, &length);
  return size < 0 || sendto(0, text, (size_t)size, 0, (struct sockaddr*)&sender, length) != size;
}
