// SPDX-License-Identifier: MIT
// Waits for its first byte in the way that it is told: `waits HOW`; then echoes to the end.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void echo(int fd) {
  char bytes[4096];
  for (;;) {
    const ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      struct pollfd one = {fd, POLLIN, 0};
      poll(&one, 1, -1);
      continue;
    }
    if (n <= 0 || write(fd == 0 ? 1 : fd, bytes, n) != n) return;
  }
}

static void* echo_in_thread(void* unused) {
  echo(0);
  return unused;
}

static void nothing(int number) { (void)number; }
static void say(int number) {
  (void)number;
  (void)!write(2, "tick\n", 5);
}

int main(int count, char** words) {
  const char* how = count > 1 ? words[1] : "read";
  struct pollfd input = {0, POLLIN, 0};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(0, &set);
  char byte[1];
  struct iovec buffer = {byte, 1};
  struct msghdr message = {.msg_iov = &buffer, .msg_iovlen = 1};
  sigset_t mask;
  sigemptyset(&mask);
  if (!strcmp(how, "poll")) poll(&input, 1, -1);
  if (!strcmp(how, "poll-timeout"))
    while (poll(&input, 1, 30) == 0) {
    }
  if (!strcmp(how, "ppoll")) ppoll(&input, 1, NULL, &mask);
  if (!strcmp(how, "select")) select(1, &set, NULL, NULL, NULL);
  if (!strcmp(how, "pselect")) pselect(1, &set, NULL, NULL, NULL, &mask);
  if (!strcmp(how, "nonblocking")) fcntl(0, F_SETFL, O_RDWR | O_NONBLOCK);
  if (!strcmp(how, "readv")) (void)!write(1, byte, readv(0, &buffer, 1));
  if (!strcmp(how, "recv")) (void)!write(1, byte, recv(0, byte, 1, 0));
  if (!strcmp(how, "recvmsg")) (void)!write(1, byte, recvmsg(0, &message, 0));
  if (!strcmp(how, "both")) {
    int ends[2];
    (void)!pipe(ends);
    struct pollfd two[] = {{0, POLLIN, 0}, {ends[0], POLLIN, 0}};
    poll(two, 2, -1);
  }
  if (!strcmp(how, "epoll")) {
    struct epoll_event event = {.events = EPOLLIN};
    const int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event);
    epoll_wait(epoll, &event, 1, -1);
  }
  if (!strcmp(how, "copy")) {
    const int copy = dup(0);
    close(0), close(1);
    echo(copy);
    return 0;
  }
  if (!strcmp(how, "keepalive")) {
    const int on = 1;
    struct timeval time = {60, 0};
    setsockopt(0, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(0, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    (void)!read(0, byte, 1);
    int kept = 0;
    struct timeval kept_time = {0, 0};
    socklen_t size = sizeof kept, time_size = sizeof kept_time;
    getsockopt(0, SOL_SOCKET, SO_KEEPALIVE, &kept, &size);
    getsockopt(0, SOL_SOCKET, SO_RCVTIMEO, &kept_time, &time_size);
    (void)!write(1, kept && kept_time.tv_sec == 60 ? "kept" : "lost", 4);
    return 0;
  }
  if (!strcmp(how, "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, echo_in_thread, NULL);
    pthread_join(thread, NULL);
    return 0;
  }
  if (!strcmp(how, "undumpable")) prctl(PR_SET_DUMPABLE, 0);
  if (!strcmp(how, "restart")) {  // reads go on after the signal
    signal(SIGUSR1, say);
  }
  if (!strcmp(how, "interrupt")) {  // reads don't: it says so and ends
    struct sigaction action = {.sa_handler = nothing};
    sigaction(SIGUSR1, &action, NULL);
    if (read(0, byte, 1) < 0 && errno == EINTR) return 7;
    return 8;
  }
  if (!strcmp(how, "ends")) return 0;
  if (!strcmp(how, "closes")) {
    close(0), close(1);
    pause();
  }
  echo(0);
  return 0;
}
