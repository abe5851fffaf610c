// SPDX-License-Identifier: MIT
// Orders in, reports out.
#include "superd/relay/superd_link.hpp"

#include <cerrno>

#include "superd/os/message_socket.hpp"

namespace superd {

Result<std::optional<SuperdLink::Order>> SuperdLink::next() {
  if (is_over_) return std::optional<Order>();
  auto received = receive_delivery(socket_, longest_relay_order);
  if (!received && received.error().number == EAGAIN) return std::optional<Order>();
  if (!received) return received.error();
  if (received->message.empty()) {
    is_over_ = true;
    unsent_.clear();
    return std::optional<Order>();
  }
  auto order = parse_relay_order(received->message);
  if (!order) return Error{"superd sent what is no order: is it another version?", EPROTO};
  auto& along = received->descriptors;  // none: none came, or no number was free for it
  return std::optional(
      Order{std::move(*order), along.empty() ? UniqueFd() : std::move(along.front())});
}

void SuperdLink::report(const RelayReport& report) {
  if (is_over_) return;
  std::string message = encode(report);
  if (!unsent_.empty() || !send(message)) unsent_.push_back(std::move(message));
}

void SuperdLink::flush() {
  while (!unsent_.empty() && send(unsent_.front())) unsent_.pop_front();
}

// False: it waits. Where superd is gone, nobody is there to be told; next() will learn of it.
bool SuperdLink::send(const std::string& message) {
  const auto sent = send_message(socket_, message);
  return sent || (sent.error().number != EAGAIN && sent.error().number != ENOBUFS);
}

}  // namespace superd
