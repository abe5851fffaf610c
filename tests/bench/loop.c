// SPDX-License-Identifier: MIT
// The floor to measure superd against: threads that accept, clone and exec, and one that reaps.
// It has no log, no limits and no configuration; what is missing here is what superd may cost.
//   loop PORT|0 EXTRA_LISTENERS PROGRAM [ARGS...]   prints the port; LOOP_THREADS=n, 2 by default
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { lowest_listener = 64, stack_size = 65536 };

static int listener;
static char** program;

struct launch {
  int socket;
  char** envp;
};

static void die(const char* what) {
  perror(what);
  exit(1);
}

// The child's own descriptor table is a copy of what lies below the listeners, however many.
static int child(void* argument) {
  const struct launch* launch = argument;
  sigset_t none;
  sigemptyset(&none);
  if (close_range(lowest_listener, ~0U, CLOSE_RANGE_UNSHARE) == 0 && dup2(launch->socket, 0) == 0 &&
      dup2(launch->socket, 1) == 1 && close_range(3, ~0U, 0) == 0) {
    setsid();
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program[0], program, launch->envp);
  }
  _exit(127);
}

static void start(int socket, const struct sockaddr_in* peer, char* stack_top) {
  char address[INET_ADDRSTRLEN], remote_addr[64], remote_port[32], tcp_ip[64];
  inet_ntop(AF_INET, &peer->sin_addr, address, sizeof address);
  snprintf(remote_addr, sizeof remote_addr, "REMOTE_ADDR=%s", address);
  snprintf(remote_port, sizeof remote_port, "REMOTE_PORT=%d", ntohs(peer->sin_port));
  snprintf(tcp_ip, sizeof tcp_ip, "TCPREMOTEIP=%s", address);
  char* envp[] = {"PATH=/usr/bin:/bin", "PROTO=TCP", remote_addr, remote_port, tcp_ip, NULL};
  struct launch launch = {socket, envp};
  if (clone(child, stack_top, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &launch) < 0)
    perror("clone");
}

static void* accept_and_start(void* unused) {
  (void)unused;
  char* stack = malloc(stack_size);
  if (!stack) die("malloc");
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    const int socket = accept4(listener, (struct sockaddr*)&peer, &length, SOCK_CLOEXEC);
    if (socket >= 0) {
      start(socket, &peer, stack + stack_size);
      close(socket);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      die("accept4");
    }
  }
  return NULL;
}

// Sleeps in waitid while there are children and in sigwait while there are none, so that an end
// costs one system call. A child born after ECHILD leaves a pending SIGCHLD: no end is missed.
static void reap(const sigset_t* chld) {
  for (;;) {
    siginfo_t end;
    if (waitid(P_ALL, 0, &end, WEXITED) == 0) continue;
    int signal;
    sigwait(chld, &signal);
  }
}

static int listen_on(const char* address, int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, address, &at.sin_addr);
  const int low = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  if (low < 0) die("socket");
  setsockopt(low, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(low, (struct sockaddr*)&at, sizeof at) || listen(low, 4096)) die("listen");
  const int high = fcntl(low, F_DUPFD_CLOEXEC, lowest_listener);
  if (high < 0) die("dup");
  close(low);
  return high;
}

static int port_of(int socket) {
  struct sockaddr_in at;
  socklen_t length = sizeof at;
  getsockname(socket, (struct sockaddr*)&at, &length);
  return ntohs(at.sin_port);
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: loop PORT|0 EXTRA_LISTENERS PROGRAM [ARGS...]\n");
    return 100;
  }
  program = argv + 3;
  raise_descriptor_limit();
  listener = listen_on("127.0.0.1", atoi(argv[1]));
  for (int extra = atoi(argv[2]); extra > 0; --extra) listen_on("127.0.0.2", 0);

  sigset_t chld;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigprocmask(SIG_BLOCK, &chld, NULL);  // before the threads, which inherit it
  const int threads = getenv("LOOP_THREADS") ? atoi(getenv("LOOP_THREADS")) : 2;
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, accept_and_start, NULL)) die("thread");
  }
  printf("%d\n", port_of(listener));
  fflush(stdout);
  reap(&chld);
}
