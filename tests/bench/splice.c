// SPDX-License-Identifier: MIT
// What superd's forwarding is measured beside: a single-threaded loop that splices each connection
// to an upstream and back, as one would write it. splice UPSTREAM_PORT; prints its own port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 65536 };

struct side {
  int fd, pipe[2];  // the pipe holds what this side has said
  int in_pipe, has_ended, is_open;
  struct side* other;
  uint32_t watched;
};

static int epoll;

static void watch(struct side* s) {
  uint32_t events = 0;
  if (s->in_pipe == 0 && !s->has_ended) events |= EPOLLIN;
  if (s->other->in_pipe > 0) events |= EPOLLOUT;
  if (events == s->watched) return;
  struct epoll_event event = {.events = events, .data.ptr = s};
  epoll_ctl(epoll, s->watched == UINT32_MAX ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, s->fd, &event);
  s->watched = events;
}

static void end(struct side* s) {
  struct side* both[] = {s, s->other};
  for (int i = 0; i < 2; ++i) {
    close(both[i]->fd);
    close(both[i]->pipe[0]);
    close(both[i]->pipe[1]);
    both[i]->is_open = 0;  // leaked: an event of this turn may still name it
  }
}

// From `s` to the other side. 0: the connection is over.
static int move(struct side* s) {
  for (;;) {
    if (s->in_pipe == 0 && !s->has_ended) {
      ssize_t n = splice(s->fd, 0, s->pipe[1], 0, CHUNK, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (n < 0 && errno == EAGAIN) return 1;
      if (n < 0) return 0;
      if (n == 0) {
        s->has_ended = 1;
        shutdown(s->other->fd, SHUT_WR);
        return !s->other->has_ended;
      }
      s->in_pipe = (int)n;
    }
    if (s->in_pipe == 0) return 1;
    ssize_t n = splice(s->pipe[0], 0, s->other->fd, 0, (size_t)s->in_pipe,
                       SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0 && errno == EAGAIN) return 1;
    if (n <= 0) return 0;
    s->in_pipe -= (int)n;
    if (s->in_pipe > 0) return 1;
  }
}

static struct side* make(int fd) {
  struct side* s = calloc(1, sizeof *s);
  int on = 1;
  s->fd = fd;
  s->is_open = 1;
  s->watched = UINT32_MAX;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) != 0) exit(1);
  return s;
}

static void take(int listener, int port) {
  int client = accept4(listener, 0, 0, SOCK_CLOEXEC);
  if (client < 0) return;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int upstream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(upstream, (struct sockaddr*)&to, sizeof to) != 0) {
    close(client);
    close(upstream);
    return;
  }
  struct side *a = make(client), *b = make(upstream);
  a->other = b;
  b->other = a;
  watch(a);
  watch(b);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  signal(SIGPIPE, SIG_IGN);
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(listener, (struct sockaddr*)&at, size) != 0 || listen(listener, 4096) != 0) return 1;
  getsockname(listener, (struct sockaddr*)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = 0};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[256];
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      struct side* s = events[i].data.ptr;
      if (!s) {
        take(listener, atoi(argv[1]));
        continue;
      }
      if (!s->is_open) continue;
      if (!move(s) || !move(s->other)) {
        end(s);
        continue;
      }
      watch(s);
      watch(s->other);
    }
  }
}
