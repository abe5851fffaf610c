// SPDX-License-Identifier: MIT
// Line by line.
#include "superd/core/notify_message.hpp"

#include "superd/base/number.hpp"
#include "superd/base/text.hpp"
#include "superd/base/utf8.hpp"

namespace superd {
namespace {

constexpr std::int64_t highest_pid = 4'194'304;  // PID_MAX_LIMIT

std::string readable_status(std::string_view text) {
  text = text.substr(0, longest_notify_status + 4);  // a character is not longer
  if (first_invalid_utf8(cut_utf8(text, longest_notify_status)) == text.npos)
    return std::string(cut_utf8(text, longest_notify_status));
  const std::string escaped = escape(text);
  return std::string(cut_utf8(escaped, longest_notify_status));
}

void read_line(std::string_view line, NotifyMessage& message) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return;
  const std::string_view name = line.substr(0, equals), value = line.substr(equals + 1);
  if (name == "READY") {
    message.is_ready |= value == "1";
  } else if (name == "STOPPING") {
    message.is_stopping |= value == "1";
  } else if (name == "STATUS") {
    message.status = readable_status(value);
  } else if (name == "MAINPID") {
    if (const auto pid = parse_number(value, 1, highest_pid))
      message.main_pid = static_cast<pid_t>(*pid);
  }
}

}  // namespace

NotifyMessage parse_notify_message(std::string_view bytes) {
  NotifyMessage message;
  bytes = bytes.substr(0, longest_notify_message);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    read_line(bytes.substr(0, end), message);
    if (end == bytes.npos) break;
    bytes.remove_prefix(end + 1);
  }
  return message;
}

}  // namespace superd
