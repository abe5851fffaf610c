// SPDX-License-Identifier: MIT
// A client: knock PORT COUNT ANSWER LANE. So many connections to 127.0.0.1, one after the other,
// each read to its end; the first that did not get exactly ANSWER is told. LANE (0-250) keeps apart
// the source addresses of clients that run at once.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// A source address serves a few thousand connections, so that no port is still in TIME_WAIT.
static int connected(int port, int number, int lane) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(0x7F020001u + (unsigned)lane * 256 + (unsigned)number / 2000);
  if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0) return -1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)port);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0) return -1;
  return fd;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const char* answer = argv[3];
  for (int i = 0; i < atoi(argv[2]); ++i) {
    const int fd = connected(atoi(argv[1]), i, atoi(argv[4]));
    if (fd < 0) return perror("knock: connect"), 1;
    char got[256];
    size_t length = 0;
    for (ssize_t n; (n = read(fd, got + length, sizeof got - 1 - length)) != 0; length += (size_t)n)
      if (n < 0) return perror("knock: read"), 1;
    got[length] = '\0';
    close(fd);
    if (strcmp(got, answer) != 0) return fprintf(stderr, "knock: %d got '%s'\n", i, got), 1;
  }
  return 0;
}
