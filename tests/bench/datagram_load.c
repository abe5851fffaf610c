// SPDX-License-Identifier: MIT
// Keeps DATAGRAMS under way for SECONDS: each is sent again, with a new number, when its answer is
// there. Then waits for the answers that are still to come. Prints one line of JSON; latency is
// from sending to the answer, in microseconds, and lost is what wasn't answered in time.
//   datagram_load HOST PORT DATAGRAMS SECONDS   HOST is an IPv4 address
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static const double patience = 5;  // seconds an answer may take
static const int tick = 100;       // milliseconds between two looks for late answers

struct datagram {
  uint32_t place, number;
};

struct sent {
  double at;  // 0: nothing under way
  uint32_t number;
};

static int client;
static unsigned* latencies;
static size_t answers, room, lost;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char* what) {
  perror(what);
  exit(1);
}

static void send_one(struct sent* all, uint32_t place) {
  const struct datagram datagram = {place, ++all[place].number};
  all[place].at = now();
  if (send(client, &datagram, sizeof datagram, 0) != sizeof datagram) die("send");
}

static void record(double seconds) {
  if (answers == room) {
    room = room ? room * 2 : 65536;
    latencies = realloc(latencies, room * sizeof *latencies);
    if (!latencies) die("realloc");
  }
  latencies[answers++] = (unsigned)(seconds * 1e6);
}

// False: none came within a tick. An answer that comes after it was given up is no answer.
static bool receive(struct sent* all, uint32_t count, bool again) {
  struct pollfd one = {.fd = client, .events = POLLIN};
  struct datagram datagram;
  if (poll(&one, 1, tick) < 1) return false;
  if (recv(client, &datagram, sizeof datagram, 0) != sizeof datagram) die("recv");
  if (datagram.place >= count || !all[datagram.place].at ||
      all[datagram.place].number != datagram.number)
    return true;
  record(now() - all[datagram.place].at);
  all[datagram.place].at = 0;
  if (again) send_one(all, datagram.place);
  return true;
}

// How many are still under way.
static uint32_t give_up(struct sent* all, uint32_t count, bool again) {
  uint32_t waiting = 0;
  for (uint32_t place = 0; place < count; ++place) {
    if (all[place].at && now() - all[place].at > patience) {
      ++lost;
      all[place].at = 0;
      if (again) send_one(all, place);
    }
    waiting += all[place].at != 0;
  }
  return waiting;
}

static int by_value(const void* a, const void* b) {
  const unsigned x = *(const unsigned*)a, y = *(const unsigned*)b;
  return (x > y) - (x < y);
}

static unsigned percentile(double p) {
  return answers ? latencies[(size_t)((double)(answers - 1) * p / 100)] : 0;
}

int main(int argc, char** argv) {
  struct sockaddr_in server = {.sin_family = AF_INET};
  if (argc != 5 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
    fprintf(stderr, "usage: datagram_load HOST PORT DATAGRAMS SECONDS\n");
    return 100;
  }
  server.sin_port = htons((uint16_t)atoi(argv[2]));
  client = socket(AF_INET, SOCK_DGRAM, 0);
  if (client < 0 || connect(client, (struct sockaddr*)&server, sizeof server)) die("connect");
  const uint32_t count = (uint32_t)atoi(argv[3]);
  struct sent* all = calloc(count, sizeof *all);
  if (!all) die("calloc");

  const double start = now(), end = start + atof(argv[4]);
  for (uint32_t place = 0; place < count; ++place) send_one(all, place);
  while (now() < end)
    if (!receive(all, count, true)) give_up(all, count, true);
  const size_t in_time = answers;
  const double seconds = now() - start;
  while (give_up(all, count, false) > 0) receive(all, count, false);

  qsort(latencies, answers, sizeof *latencies, by_value);
  printf("{\"answers\": %zu, \"lost\": %zu, \"per_second\": %.1f, \"p50\": %u, \"p99\": %u}\n",
         answers, lost, (double)in_time / seconds, percentile(50), percentile(99));
}
