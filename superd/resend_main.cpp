// SPDX-License-Identifier: MIT
// superd-resend: sends datagrams again that waited at the wrong socket, for superd must not read
// them. Started by superd without privileges; stdin and stdout are one end of a conversation
// (core/resend_message), and when that ends, so does this.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "superd/os/confinement.hpp"
#include "superd/os/message_socket.hpp"
#include "superd/resend/resend.hpp"

namespace superd {
namespace {

constexpr int failed = 1;
constexpr int not_for_people = 2;

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return failed;
}

bool is_conversation(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int serve(int superd) {
  for (;;) {
    const auto delivery = receive_delivery(superd, longest_resend_message);
    if (!delivery) return fail(delivery.error().text);
    if (delivery->message.empty()) return 0;
    const auto request = parse_resend_request(delivery->message);
    const auto& brought = delivery->descriptors;
    if (!request || brought.size() < 2 || brought.size() > 3)
      return fail("superd sent what is no request: is it another version?");
    const int behind = brought.size() == 3 ? brought[2].get() : -1;
    const ResendAnswer answer = resend(*request, {brought[0].get(), brought[1].get(), behind});
    if (const auto sent = send_message(superd, encode(answer)); !sent)
      return fail(sent.error().text);
  }
}

int resend_main() {
  if (!is_conversation(STDIN_FILENO)) {
    std::fputs("superd-resend: this is started by superd, not by people\n", stderr);
    return not_for_people;
  }
  if (const auto confined = confine_process(); !confined) return fail(confined.error().text);
  return serve(STDIN_FILENO);
}

}  // namespace
}  // namespace superd

int main() { return superd::resend_main(); }
