// SPDX-License-Identifier: MIT
// The floor to measure handed datagrams against: polls, starts the program with the socket as its
// standard input, waits for its end, polls again. It has no log, no limits, and judges nobody.
//   datagram_loop PROGRAM [ARGS...]   prints its port
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { stack_size = 65536 };

static int receiver;
static char** program;
static char* const environment[] = {"PATH=/usr/bin:/bin", NULL};

static void die(const char* what) {
  perror(what);
  exit(1);
}

static int child(void* unused) {
  (void)unused;
  if (dup2(receiver, 0) == 0 && close_range(3, ~0U, 0) == 0) {
    setsid();
    execve(program[0], program, environment);
  }
  _exit(127);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: datagram_loop PROGRAM [ARGS...]\n");
    return 100;
  }
  program = argv + 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (receiver < 0 || bind(receiver, (struct sockaddr*)&at, sizeof at) ||
      getsockname(receiver, (struct sockaddr*)&at, &length))
    die("bind");
  char* stack = malloc(stack_size);
  if (!stack) die("malloc");
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd one = {.fd = receiver, .events = POLLIN};
    if (poll(&one, 1, -1) != 1) die("poll");
    const pid_t pid = clone(child, stack + stack_size, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    if (pid < 0) die("clone");
    int status;
    if (waitpid(pid, &status, 0) != pid || status != 0) die("the program");
  }
}
