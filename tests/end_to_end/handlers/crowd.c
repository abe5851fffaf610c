// SPDX-License-Identifier: MIT
// Clients that connect all the time: crowd TARGET CLIENTS ANSWER... TARGET is a port on 127.0.0.1
// or a path. Each client makes one connection after the other, sends nothing, and reads up to the
// end. For each byte on stdin a line of JSON tells what became of them so far; at its end no
// connection is begun any more, those under way are finished, and a last line tells of all.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { most_clients = 512, most_answers = 8, most_faults = 16, patience = 60 };

struct client {
  int fd, connected;
  time_t begun;
  size_t length;
  char got[128];
};

static struct client clients[most_clients];
static const char *target, **answers;
static int number_of_answers;
static long begun, served, failed, by_answer[most_answers];
static struct {
  char what[200];
  long count;
} faults[most_faults];

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void note(const char* step, const char* what) {
  char text[200];
  snprintf(text, sizeof text, "%s: %s", step, what);
  ++failed;
  for (int i = 0; i < most_faults; ++i) {
    if (faults[i].count && strcmp(faults[i].what, text) != 0) continue;
    strcpy(faults[i].what, text);
    ++faults[i].count;
    return;
  }
}

static void print_text(const char* text) {
  putchar('"');
  for (; *text; ++text)
    if (*text < ' ' || *text == '"' || *text == '\\' || *text > '~')
      printf("\\u%04x", (unsigned char)*text);
    else
      putchar(*text);
  putchar('"');
}

static void tally(void) {
  printf("{\"served\":%ld,\"failed\":%ld,\"answers\":{", served, failed);
  for (int i = 0, more = 0; i < number_of_answers; ++i) {
    if (!by_answer[i]) continue;
    if (more++) putchar(',');
    print_text(answers[i]);
    printf(":%ld", by_answer[i]);
  }
  printf("},\"faults\":{");
  for (int i = 0; i < most_faults && faults[i].count; ++i) {
    if (i) putchar(',');
    print_text(faults[i].what);
    printf(":%ld", faults[i].count);
  }
  puts("}}");
  fflush(stdout);
}

static void finish(struct client* c) {
  close(c->fd);
  c->fd = -1;
}

static void fail(struct client* c, const char* step, const char* what) {
  note(step, what);
  finish(c);
}

// A source address for each thousand connections, so that no port is still in TIME_WAIT. A UNIX
// socket whose backlog is full says EAGAIN: then it is tried again.
static void begin(struct client* c) {
  const int is_path = target[0] == '/';
  c->fd = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) return note("socket", strerror(errno));
  c->begun = now();
  c->length = 0;
  int result;
  if (is_path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, target, sizeof address.sun_path - 1);
    result = connect(c->fd, (struct sockaddr*)&address, sizeof address);
    if (result != 0 && errno == EAGAIN) return finish(c);
  } else {
    const int one = 1;
    setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(0x7F030001u + (unsigned)(begun / 1000));
    if (bind(c->fd, (struct sockaddr*)&address, sizeof address) != 0)
      return fail(c, "bind", strerror(errno));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(target));
    result = connect(c->fd, (struct sockaddr*)&address, sizeof address);
  }
  ++begun;
  c->connected = result == 0;
  if (result != 0 && errno != EINPROGRESS) fail(c, "connect", strerror(errno));
}

static void judge(struct client* c) {
  c->got[c->length] = '\0';
  for (int i = 0; i < number_of_answers; ++i) {
    if (strcmp(c->got, answers[i]) != 0) continue;
    ++by_answer[i];
    ++served;
    return finish(c);
  }
  fail(c, "answer", c->got);
}

static void go_on(struct client* c) {
  if (!c->connected) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) return fail(c, "connect", strerror(error));
    c->connected = 1;
    return;
  }
  const size_t room = sizeof c->got - 1 - c->length;
  const ssize_t n = read(c->fd, c->got + c->length, room);
  if (n < 0 && errno == EAGAIN) return;
  if (n < 0) return fail(c, "read", strerror(errno));
  c->length += (size_t)n;
  if (n == 0 || c->length == sizeof c->got - 1) judge(c);
}

int main(int argc, char** argv) {
  if (argc < 4 || argc - 3 > most_answers) return 2;
  target = argv[1];
  const int count = atoi(argv[2]) < most_clients ? atoi(argv[2]) : most_clients;
  answers = (const char**)argv + 3;
  number_of_answers = argc - 3;
  for (int i = 0; i < count; ++i) clients[i].fd = -1;

  for (int is_open = 1, under_way = 1; is_open || under_way;) {
    struct pollfd watched[most_clients + 1];
    under_way = 0;
    for (int i = 0; i < count; ++i) {
      struct client* c = &clients[i];
      if (c->fd < 0 && is_open) begin(c);
      if (c->fd >= 0 && now() - c->begun > patience) fail(c, "wait", "no answer");
      watched[i] = (struct pollfd){c->fd, c->connected ? POLLIN : POLLOUT, 0};
      under_way += c->fd >= 0;
    }
    watched[count] = (struct pollfd){is_open ? 0 : -1, POLLIN, 0};
    poll(watched, (nfds_t)count + 1, 10);
    for (int i = 0; i < count; ++i)
      if (clients[i].fd >= 0 && watched[i].revents) go_on(&clients[i]);
    char asked;
    if (is_open && watched[count].revents) {
      if (read(0, &asked, 1) == 1)
        tally();
      else
        is_open = 0;
    }
  }
  tally();
  return 0;
}
