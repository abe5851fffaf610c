// SPDX-License-Identifier: MIT
// What superd and superd-resend say to each other: one line of words for each message. With a
// request come descriptors: the socket that a datagram waits at, a raw socket of its family, and,
// where its peer has one already, the socket that it belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "superd/core/address.hpp"

namespace superd {

/// The datagram that waits longest shall be sent again, as from its sender, to `destination`; then
/// those that wait at the other socket, so that they stay behind it.
struct ResendRequest {
  std::uint64_t id = 0;
  Endpoint destination;
};

struct ResendAnswer {
  std::uint64_t id = 0;
  std::uint64_t count = 0;  // sent again
  int error = 0;            // errno of the first that could not be
};

/// In bytes; longer ones are no messages.
inline constexpr std::size_t longest_resend_message = 128;
/// With one request.
inline constexpr std::size_t most_resent = 64;

std::string encode(const ResendRequest& request);  // "ID ADDRESS PORT"
std::string encode(const ResendAnswer& answer);    // "ID COUNT ERRNO"

std::optional<ResendRequest> parse_resend_request(std::string_view message);
std::optional<ResendAnswer> parse_resend_answer(std::string_view message);

}  // namespace superd
