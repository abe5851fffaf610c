// SPDX-License-Identifier: MIT
// Both ends of what is forwarded. stream serve: an upstream that prints its port, and to whoever
// says 'F' sends without end, and to others what they say. stream flood PORT STREAMS SECONDS: how
// many bytes come. stream ping PORT SECONDS: how long a word and its echo take. Both print JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 262144, WORD = 64, MOST = 4000000 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void* answer(void* of) {
  static char zeros[CHUNK];
  int fd = (int)(intptr_t)of, on = 1;
  char word[4096];
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ssize_t n = recv(fd, word, sizeof word, 0);
  if (n > 0 && word[0] == 'F')
    while (send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) > 0) {
    }
  while (n > 0 && send(fd, word, (size_t)n, MSG_NOSIGNAL) == n) n = recv(fd, word, sizeof word, 0);
  close(fd);
  return 0;
}

static int serve(void) {
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(listener, (struct sockaddr*)&at, size) != 0 || listen(listener, 4096) != 0) return 1;
  getsockname(listener, (struct sockaddr*)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  for (;;) {
    pthread_t one;
    int fd = accept(listener, 0, 0);
    if (fd >= 0 && pthread_create(&one, &small, answer, (void*)(intptr_t)fd) != 0) close(fd);
  }
}

static int connected(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr*)&to, sizeof to) != 0) exit(1);
  return fd;
}

// Thrown away by the kernel (MSG_TRUNC): what is measured isn't this.
static int flood(int port, int streams, double seconds) {
  int epoll = epoll_create1(0);
  for (int i = 0; i < streams; ++i) {
    int fd = connected(port);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    if (send(fd, "F", 1, 0) != 1) return 1;
  }
  double bytes = 0, begin = now(), end = begin + seconds;
  while (now() < end) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, 1000);
    for (int i = 0; i < count; ++i) {
      ssize_t n = recv(events[i].data.fd, 0, 4 * CHUNK, MSG_TRUNC | MSG_DONTWAIT);
      if (n == 0) return 1;
      if (n > 0) bytes += (double)n;
    }
  }
  printf("{\"bytes\": %.0f, \"per_second\": %.0f}\n", bytes, bytes / (now() - begin));
  return 0;
}

static int by_size(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static int ping(int port, double seconds) {
  static double times[MOST];
  char word[WORD] = "ping", answer_[WORD];
  int fd = connected(port), count = 0;
  double end = now() + seconds;
  while (now() < end && count < MOST) {
    double begin = now();
    if (send(fd, word, WORD, 0) != WORD) return 1;
    if (recv(fd, answer_, WORD, MSG_WAITALL) != WORD) return 1;
    times[count++] = now() - begin;
  }
  qsort(times, (size_t)count, sizeof *times, by_size);
  printf("{\"count\": %d, \"p50\": %.2f, \"p99\": %.2f}\n", count, times[count / 2] * 1e6,
         times[count * 99 / 100] * 1e6);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 2 && !strcmp(argv[1], "serve")) return serve();
  if (argc == 5 && !strcmp(argv[1], "flood"))
    return flood(atoi(argv[2]), atoi(argv[3]), atof(argv[4]));
  if (argc == 4 && !strcmp(argv[1], "ping")) return ping(atoi(argv[2]), atof(argv[3]));
  return 2;
}
