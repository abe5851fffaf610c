// SPDX-License-Identifier: MIT
// Words and numbers.
#include "superd/core/resend_message.hpp"

#include <limits>
#include <vector>

#include "superd/base/number.hpp"

namespace superd {
namespace {

constexpr std::int64_t highest_id = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t highest_errno = 4095;

std::vector<std::string_view> words_of(std::string_view message) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t end = message.find(' ');
    words.push_back(message.substr(0, end));
    if (end == std::string_view::npos) return words;
    message.remove_prefix(end + 1);
  }
}

}  // namespace

std::string encode(const ResendRequest& request) {
  return std::to_string(request.id) + " " + to_text(request.destination.address) + " " +
         std::to_string(request.destination.port);
}

std::string encode(const ResendAnswer& answer) {
  return std::to_string(answer.id) + " " + std::to_string(answer.count) + " " +
         std::to_string(answer.error);
}

std::optional<ResendRequest> parse_resend_request(std::string_view message) {
  const auto words = words_of(message);
  if (words.size() != 3) return std::nullopt;
  const auto id = parse_number(words[0], 0, highest_id);
  const auto address = parse_ip(words[1]);
  const auto port = parse_number(words[2], 1, 65535);
  if (!id || !address || !port) return std::nullopt;
  return ResendRequest{static_cast<std::uint64_t>(*id),
                       {*address, static_cast<std::uint16_t>(*port)}};
}

std::optional<ResendAnswer> parse_resend_answer(std::string_view message) {
  const auto words = words_of(message);
  if (words.size() != 3) return std::nullopt;
  const auto id = parse_number(words[0], 0, highest_id);
  const auto count = parse_number(words[1], 0, static_cast<std::int64_t>(most_resent));
  const auto error = parse_number(words[2], 0, highest_errno);
  if (!id || !count || !error) return std::nullopt;
  return ResendAnswer{static_cast<std::uint64_t>(*id), static_cast<std::uint64_t>(*count),
                      static_cast<int>(*error)};
}

}  // namespace superd
