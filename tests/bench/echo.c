// SPDX-License-Identifier: MIT
// Both sides of a request of one line, for tests/bench/warm:
//   echo                       a handler: answers what it reads first, and leaves
//   echo serve PORT            a server that runs already: a thread for each connection
//   echo first PORT            microseconds from connect to the first byte of the answer, once
//   echo load PORT N SECONDS   how many requests N clients at once got answered
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address;
static double deadline;
static atomic_long answered, failed;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int echo(int in, int out) {
  char line[256];
  const ssize_t length = read(in, line, sizeof line);
  return length > 0 && write(out, line, (size_t)length) == length ? 0 : 1;
}

static void* echo_to(void* connection) {
  const int fd = (int)(long)connection;
  echo(fd, fd);
  close(fd);
  return NULL;
}

static int serve(void) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (void*)&address, sizeof address) != 0 || listen(listener, 1024) != 0) return 1;
  for (;;) {
    const long connection = accept(listener, NULL, NULL);
    pthread_t thread;
    if (connection < 0 || pthread_create(&thread, NULL, echo_to, (void*)connection) != 0) return 1;
    pthread_detach(thread);
  }
}

// From connect to the first byte, in seconds; below 0: there was none.
static double ask(void) {
  char answer[256];
  const struct timeval patience = {5, 0};
  const double start = now();
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int is_fine = connect(fd, (void*)&address, sizeof address) == 0 &&
                      write(fd, "hello\n", 6) == 6 && read(fd, answer, sizeof answer) > 0;
  const double taken = now() - start;
  while (is_fine && read(fd, answer, sizeof answer) > 0) {
  }
  close(fd);
  return is_fine ? taken : -1;
}

static void* ask_often(void* unused) {
  while (now() < deadline) atomic_fetch_add(ask() < 0 ? &failed : &answered, 1);
  return unused;
}

static int load(int clients, double seconds) {
  pthread_t* threads = calloc((size_t)clients, sizeof *threads);
  deadline = now() + seconds;
  for (int i = 0; i < clients; ++i) pthread_create(&threads[i], NULL, ask_often, NULL);
  for (int i = 0; i < clients; ++i) pthread_join(threads[i], NULL);
  printf("%.1f %ld\n", (double)answered / seconds, (long)failed);
  return 0;
}

int main(int count, char** words) {
  if (count == 1) return echo(0, 1);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)atoi(words[2]));
  if (strcmp(words[1], "serve") == 0) return serve();
  if (strcmp(words[1], "load") == 0) return load(atoi(words[3]), atof(words[4]));
  const double taken = ask();
  printf("%.1f\n", taken * 1e6);
  return taken < 0;
}
