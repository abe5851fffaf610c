// SPDX-License-Identifier: MIT
// Sends each line back in capitals as soon as it is complete. Only a-z change, so UTF-8 and binary
// data survive. Its memory is one buffer: a line that outgrows it is answered in pieces.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <span>

namespace {

constexpr int temporary_fault = 111;  // the exit status that UCSPI programs use

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// A peer that left has no use for the rest: that is an end, not a fault.
[[noreturn]] void leave() {
  std::exit(errno == EPIPE || errno == ECONNRESET ? EXIT_SUCCESS : temporary_fault);
}

std::size_t read_some(std::span<char> room) {
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, room.data(), room.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) leave();
  }
}

void write_all(std::span<const char> text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text = text.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      leave();
    }
  }
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<char, 16384> buffer;
  std::size_t held = 0;  // bytes at the start of the buffer: a line whose end has not come yet
  for (;;) {
    const std::size_t got = read_some(std::span(buffer).subspan(held));
    const std::span<char> text(buffer.data(), held + got);
    const std::span<char> fresh = text.subspan(held);
    std::ranges::transform(fresh, fresh.begin(), upper);

    const auto last_newline = std::find(text.rbegin(), text.rend(), '\n');
    const bool all = got == 0 || (last_newline == text.rend() && text.size() == buffer.size());
    const auto whole = all ? text.size() : static_cast<std::size_t>(text.rend() - last_newline);
    write_all(text.first(whole));
    if (got == 0) return EXIT_SUCCESS;

    held = text.size() - whole;
    std::memmove(buffer.data(), buffer.data() + whole, held);
  }
}
