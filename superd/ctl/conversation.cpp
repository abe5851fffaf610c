// SPDX-License-Identifier: MIT
// A stream socket, poll, and lines.
#include "superd/ctl/conversation.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "superd/base/text.hpp"
#include "superd/ctl/request.hpp"

namespace superd {
namespace {

using Clock = std::chrono::steady_clock;

// What superd may answer in one line: status of 65,536 services is some 30 MiB.
constexpr std::size_t longest_line = std::size_t{256} << 20;

Error connect_error(const std::string& path, int number) {
  const std::string shown = quote(path, 200);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return {"no superd is there: " + shown + " does not exist", number};
    case ECONNREFUSED:
      return {"no superd is there: nobody listens at " + shown, number};
    case EACCES:
    case EPERM:
      return {"you may not talk to the superd at " + shown +
                  "; root may, and whom its daemon.control_access names",
              number};
    case EAGAIN:
      return {"superd at " + shown + " does not answer", ETIMEDOUT};
    default:
      return system_error(shown, number);
  }
}

// Bounds connect, which waits while superd's backlog is full, and send.
void bound_waits(int socket, Milliseconds patience) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timeval bound{};
  bound.tv_sec = seconds.count();
  bound.tv_usec = (patience - seconds).count() * 1000;
  (void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
}

Result<UniqueFd> connect_to(const std::string& path, Milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error{quote(path, 200) + " is too long for a socket's path", ENAMETOOLONG};
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return system_error("socket", errno);
  bound_waits(fd.get(), patience);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return connect_error(path, errno);
  return fd;
}

// A superd that has no room answers and closes without reading: what it said is still to be read.
Result<void> send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
    if (sent < 0 && errno == EAGAIN) return Error{"superd does not read the request", ETIMEDOUT};
    if (sent < 0) return system_error("send", errno);
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

// Whether the socket became readable before `end`.
bool wait_readable(int socket, std::optional<Clock::time_point> end) {
  while (true) {
    int left = -1;
    if (end) {
      const auto rest = std::chrono::ceil<Milliseconds>(*end - Clock::now()).count();
      left = static_cast<int>(std::clamp<std::int64_t>(rest, 0, 3'600'000));
    }
    pollfd one{socket, POLLIN, 0};
    const int ready = poll(&one, 1, left);
    if (ready > 0) return true;
    if (ready == 0 && left == 0) return false;
  }
}

}  // namespace

Result<Conversation> Conversation::open(const std::string& path, std::span<const std::string> words,
                                        Milliseconds patience) {
  const Result<std::string> line = request_line(words);
  if (!line) return Error{line.error().text, EINVAL};
  Result<UniqueFd> socket = connect_to(path, patience);
  if (!socket) return socket.error();
  if (const Result<void> sent = send_all(socket->get(), *line); !sent) return sent.error();
  return Conversation(std::move(*socket));
}

Result<bool> Conversation::read_what_came() {
  std::array<char, 64 * 1024> buffer;
  while (!ended_) {
    const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got < 0) return Error{"superd went away before it had answered", errno};
    if (got == 0) {
      ended_ = true;
      if (!seen_.empty() && seen_.back() != '\n')
        return Error{"superd went away in the middle of its answer", ECONNRESET};
      return false;
    }
    seen_.append(buffer.data(), static_cast<std::size_t>(got));
    if (seen_.size() > longest_line) return Error{"superd's answer has no end", EMSGSIZE};
    if (static_cast<std::size_t>(got) < buffer.size()) return true;
  }
  return false;
}

std::optional<std::string> Conversation::take_line() {
  const std::size_t end = seen_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = seen_.size();
    return std::nullopt;
  }
  std::string line = seen_.substr(0, end);
  seen_.erase(0, end + 1);
  searched_ = 0;
  return line;
}

Result<std::optional<std::string>> Conversation::next_line(std::optional<Milliseconds> patience) {
  std::optional<Clock::time_point> end;
  if (patience) end = Clock::now() + *patience;
  while (true) {
    if (auto line = take_line()) return line;
    if (ended_) return std::optional<std::string>();
    if (!wait_readable(socket_.get(), end))
      return Error{"superd gave no answer within " + duration_to_text(*patience), ETIMEDOUT};
    if (const Result<bool> more = read_what_came(); !more) return more.error();
  }
}

}  // namespace superd
