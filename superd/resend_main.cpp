// SPDX-License-Identifier: MIT
// superd-resend: sends datagrams again that waited at the wrong socket, for superd must not read
// them. Started by superd without privileges; stdin and stdout are one end of a conversation
// (core/resend_message), and when that ends, so does this.
#include <unistd.h>

#include "superd/os/message_socket.hpp"
#include "superd/own_main.hpp"
#include "superd/resend/resend.hpp"

namespace superd {
namespace {

int serve() {
  for (;;) {
    const auto delivery = receive_delivery(STDIN_FILENO, longest_resend_message);
    if (!delivery) return fail(delivery.error().text);
    if (delivery->message.empty()) return 0;
    const auto request = parse_resend_request(delivery->message);
    const auto& brought = delivery->descriptors;
    if (!request || brought.size() < 2 || brought.size() > 3)
      return fail("superd sent what is no request: is it another version?");
    const int behind = brought.size() == 3 ? brought[2].get() : -1;
    const ResendAnswer answer = resend(*request, {brought[0].get(), brought[1].get(), behind});
    if (const auto sent = send_message(STDIN_FILENO, encode(answer)); !sent)
      return fail(sent.error().text);
  }
}

}  // namespace
}  // namespace superd

int main() { return superd::run_own_program("superd-resend", superd::serve); }
