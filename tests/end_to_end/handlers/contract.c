// SPDX-License-Identifier: MIT
// Shows what a handler was given: one "NAME<tab>VALUE" line for each thing.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void show_descriptors(void) {
  DIR* directory = opendir("/proc/self/fd");
  if (!directory) return;
  for (struct dirent* entry; (entry = readdir(directory));) {
    const int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
    char link[64], target[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    const int flags = fcntl(fd, F_GETFL);
    printf("fd\t%d %s %s\n", fd, flags & O_NONBLOCK ? "nonblocking" : "blocking", target);
  }
  closedir(directory);
}

// Signals, ids, umask: as the kernel tells.
static void show_status(void) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[4096];
  while (status && fgets(line, sizeof line, status)) {
    char* colon = strchr(line, ':');
    if (!colon) continue;
    *colon++ = '\0';
    while (*colon == '\t' || *colon == ' ') ++colon;
    printf("%s\t%s", line, colon);
  }
  if (status) fclose(status);
}

static void show_limit(const char* name, int resource) {
  struct rlimit limit;
  getrlimit(resource, &limit);
  printf("limit %s\t%lld:%lld\n", name, (long long)limit.rlim_cur, (long long)limit.rlim_max);
}

int main(int argc, char** argv, char** environment) {
  show_descriptors();
  show_status();
  printf("pid\t%d\nsession\t%d\ngroup\t%d\n", getpid(), getsid(0), getpgrp());
  printf("terminal\t%s\n", open("/dev/tty", O_RDWR) < 0 ? "none" : "one");
  char directory[4096];
  printf("directory\t%s\n", getcwd(directory, sizeof directory) ? directory : strerror(errno));
  printf("nice\t%d\n", getpriority(PRIO_PROCESS, 0));
  for (int i = 0; i < argc; ++i) printf("argument\t%s\n", argv[i]);
  for (; *environment; ++environment) printf("environment\t%s\n", *environment);
  show_limit("nofile", RLIMIT_NOFILE);
  show_limit("core", RLIMIT_CORE);
  show_limit("cpu", RLIMIT_CPU);
  show_limit("fsize", RLIMIT_FSIZE);
  return 0;
}
