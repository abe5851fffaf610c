// SPDX-License-Identifier: MIT
// The floor to measure refusals against: accepts and closes, and does nothing else.
//   refuse       prints its port
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char* what) {
  perror(what);
  exit(1);
}

int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr*)&at, sizeof at) || listen(listener, 4096) ||
      getsockname(listener, (struct sockaddr*)&at, &length))
    die("listen");
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    const int socket = accept4(listener, (struct sockaddr*)&peer, &size, SOCK_CLOEXEC);
    if (socket >= 0)
      close(socket);
    else if (errno != EINTR && errno != ECONNABORTED)
      die("accept4");
  }
}
