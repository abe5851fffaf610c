// SPDX-License-Identifier: MIT
// Keeps CLIENTS connections under way for SECONDS: connect, read to the end, expect "ok", again.
// Prints one line of JSON; latency is from connect to the end of the answer, in microseconds.
//   load HOST PORT CLIENTS SECONDS [refused]   HOST is an IPv4 address; refused: expect nothing
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const double patience = 5;  // seconds an answer may take
static const double tick = 0.1;    // seconds between two looks for late and failed clients
static const char* expected = "ok\n";

struct client {
  int socket;  // -1: failed, to be started again at the next tick
  double started;
  size_t length;
  char answer[4];  // as `expected`, and one more
};

static struct sockaddr_in server;
static int events;
static unsigned* latencies;
static size_t connections, room, errors;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char* what) {
  perror(what);
  exit(1);
}

// Closed by a reset once the answer is complete: neither side keeps the port in TIME_WAIT, so that
// no run exhausts the ports of the next.
static int new_socket(void) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  const struct linger reset = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  return fd;
}

static void begin(struct client* client) {
  client->started = now();
  client->length = 0;
  client->socket = new_socket();
  // How it went is learned from epoll: a failed connection is readable, and read tells the error.
  (void)!connect(client->socket, (struct sockaddr*)&server, sizeof server);
  struct epoll_event wanted = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = client};
  if (epoll_ctl(events, EPOLL_CTL_ADD, client->socket, &wanted)) die("epoll_ctl");
}

static void record(double seconds) {
  if (connections == room) {
    room = room ? room * 2 : 65536;
    latencies = realloc(latencies, room * sizeof *latencies);
    if (!latencies) die("realloc");
  }
  latencies[connections++] = (unsigned)(seconds * 1e6);
}

static void fail(struct client* client) {
  ++errors;
  close(client->socket);
  client->socket = -1;
}

static void finish(struct client* client) {
  if (client->length != strlen(expected) || memcmp(client->answer, expected, client->length) != 0) {
    fail(client);
    return;
  }
  record(now() - client->started);
  close(client->socket);
  begin(client);
}

static void read_answer(struct client* client) {
  for (;;) {
    const size_t left = sizeof client->answer - client->length;
    const ssize_t n = read(client->socket, client->answer + client->length, left);
    if (n > 0) {
      client->length += (size_t)n;
    } else if (n == 0) {  // the end, or no room left: the answer is longer than expected
      finish(client);
      return;
    } else {
      if (errno != EAGAIN) fail(client);
      return;
    }
  }
}

static void look_after(struct client* client) {
  if (client->socket >= 0 && now() - client->started > patience) fail(client);
  if (client->socket < 0) begin(client);
}

static void run(struct client* clients, int count, double end) {
  double next_tick = 0;
  for (double t; (t = now()) < end;) {
    if (t >= next_tick) {
      for (int i = 0; i < count; ++i) look_after(&clients[i]);
      next_tick = t + tick;
    }
    struct epoll_event ready[64];
    const int n = epoll_wait(events, ready, 64, (int)(tick * 1000));
    for (int i = 0; i < n; ++i) read_answer(ready[i].data.ptr);
  }
}

static int by_value(const void* a, const void* b) {
  const unsigned x = *(const unsigned*)a, y = *(const unsigned*)b;
  return (x > y) - (x < y);
}

static unsigned percentile(double p) {
  return connections ? latencies[(size_t)((double)(connections - 1) * p / 100)] : 0;
}

static void report(double seconds) {
  qsort(latencies, connections, sizeof *latencies, by_value);
  printf("{\"connections\": %zu, \"errors\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, ",
         connections, errors, seconds, (double)connections / seconds);
  printf("\"p50\": %u, \"p90\": %u, \"p99\": %u}\n", percentile(50), percentile(90),
         percentile(99));
}

int main(int argc, char** argv) {
  server.sin_family = AF_INET;
  const bool refused = argc == 6 && strcmp(argv[5], "refused") == 0;
  if (refused) expected = "";
  if (argc != 5 + refused || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
    fprintf(stderr, "usage: load HOST PORT CLIENTS SECONDS [refused]\n");
    return 100;
  }
  server.sin_port = htons((uint16_t)atoi(argv[2]));
  const int count = atoi(argv[3]);
  struct client* clients = calloc((size_t)count, sizeof *clients);
  events = epoll_create1(EPOLL_CLOEXEC);
  if (!clients || events < 0) die("start");
  for (int i = 0; i < count; ++i) clients[i].socket = -1;

  const double start = now();
  run(clients, count, start + atof(argv[4]));
  report(now() - start);
}
