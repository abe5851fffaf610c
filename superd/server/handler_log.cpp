// SPDX-License-Identifier: MIT
// Lines from a pipe.
#include "superd/server/handler_log.hpp"

#include <unistd.h>

#include <array>

namespace superd {
namespace {

constexpr std::size_t longest_line = 1024;  // bytes; more is cut, and the line says so
constexpr std::size_t one_read = 4096;
// After a full read others come first: a service can log 200 KB a second, no more.
constexpr Milliseconds pause_after_full_read{20};

}  // namespace

HandlerLog::HandlerLog(Loop& loop, Reporter& reporter, HandlerLogs& all, std::string service,
                       LogPipe pipe)
    : reporter_(reporter),
      all_(all),
      service_(std::move(service)),
      write_end_(std::move(pipe.write_end)),
      read_end_(loop, pipe.read_end.release()) {
  all_.insert(this);
}

awaitable<void> HandlerLog::follow(std::shared_ptr<HandlerLog> log) {
  for (;;) {
    const bool more = co_await readable(log->read_end_);
    const Read what = more ? log->read_some() : Read::end;
    if (what == Read::end) break;
    if (what == Read::full) co_await sleep_for(pause_after_full_read);
  }
  log->report_rest();
}

void HandlerLog::drain() {
  for (int turn = 0; turn < 16; ++turn) {
    const Read what = read_some();
    if (what == Read::nothing || what == Read::end) break;
  }
  report_rest();
}

HandlerLog::Read HandlerLog::read_some() {
  std::array<char, one_read> bytes;
  const ssize_t n = read(read_end_.native_handle(), bytes.data(), bytes.size());
  if (n == 0) return Read::end;
  if (n < 0) return Read::nothing;
  take({bytes.data(), static_cast<std::size_t>(n)});
  return n == one_read ? Read::full : Read::some;
}

void HandlerLog::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    const std::size_t room = longest_line - line_.size();
    line_.append(part.substr(0, room));
    is_cut_ = is_cut_ || part.size() > room;
    if (end == std::string_view::npos) return;
    report_line();
    bytes.remove_prefix(end + 1);
  }
}

void HandlerLog::report_line() {
  if (line_.ends_with('\r')) line_.pop_back();  // "\r\n" ends a line too: sshd writes so
  reporter_.report(StderrLine{service_, std::exchange(line_, {}), std::exchange(is_cut_, false)});
}

void HandlerLog::report_rest() {
  if (!line_.empty()) report_line();
}

}  // namespace superd
